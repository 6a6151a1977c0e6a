"use client";
import { createElement, useEffect } from "react";
import "../../../conversation.js";
import { socket } from "../../lib/socket.js";

/** The app router, with a socket that a module makes. */
export default function Page() {
  useEffect(() => {
    globalThis.converse(socket).then((told) => globalThis.print([told]));
  }, []);
  // what the socket does may have changed since the page was made: hydration compares
  return createElement("p", null, socket.nsp);
}
