import { io as reference } from "socket.io-client";
import { io as tautline } from "tautline";
import { exactlyOnce } from "tautline/delivery";

/** Both clients, each as it comes and with what it offers against losses: `(url) => socket`, by the value of the menu. */
export const clients = {
  tautline: {
    exactlyOnce: (url) => tautline(url, { forceNew: true, delivery: exactlyOnce() }),
    defaults: (url) => tautline(url, { forceNew: true }),
  },
  reference: {
    defaults: (url) => reference(url, { forceNew: true }),
    retries: (url) => reference(url, { forceNew: true, retries: 10, ackTimeout: 2000 }),
  },
};
