/** A process of the model checker: see main.ts. */
import { work } from "./main.js";

work();
