"use client";
import { createElement, useEffect } from "react";
import { io } from "tautline";
import { atLeastOnce } from "tautline/delivery";
import "../../conversation.js";

/** The app router, with a client that is made on the page. */
export default function Page() {
  useEffect(() => {
    globalThis.report(io, { delivery: atLeastOnce() }).then(globalThis.print);
  }, []);
  return createElement("p", null, "The app router");
}
