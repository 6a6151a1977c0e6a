import { io } from "tautline";

/** Made when the module is loaded: on the server too, where there is no page to take the address from. */
export const socket = io();
