import { createElement, useEffect } from "react";
import { io } from "tautline";
import { atLeastOnce } from "tautline/delivery";
import "../../conversation.js";

/** The pages router, with a client that is made on the page. */
export default function Page() {
  useEffect(() => {
    globalThis.report(io, { delivery: atLeastOnce() }).then(globalThis.print);
  }, []);
  return createElement("p", null, "The pages router");
}
