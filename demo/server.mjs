import { fileURLToPath } from "node:url";
import { serve } from "./server/serve.mjs";
import { startDemo } from "./server/start.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

await serve("Tautline demo", (settings) => startDemo({ root, ...settings }));
