"use client";
import { createElement, useEffect } from "react";
import { useSocket } from "tautline/react";
import "../../../conversation.js";

/** The app router, with the hooks. */
export default function Page() {
  const { socket, isConnected } = useSocket();
  useEffect(() => {
    globalThis.converse(socket).then((told) => globalThis.print([told]));
  }, [socket]);
  return createElement("p", null, isConnected ? "connected" : "not connected");
}
