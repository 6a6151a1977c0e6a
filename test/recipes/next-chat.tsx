"use client";

import { useState } from "react";
import { useSocket, useSocketEvent } from "../../src/react/index.js";

export function Chat({ url }: { url: string }) {
  const { socket, isConnected } = useSocket(url);
  const [lines, setLines] = useState<string[]>([]);
  useSocketEvent(socket, "line", (text: string) => setLines((all) => [...all, text]));
  return (
    <>
      <p>{isConnected ? "connected" : "connecting"}</p>
      <button onClick={() => socket.emit("line", "hello")}>Say hello</button>
      <ul>
        {lines.map((line, at) => (
          <li key={at}>{line}</li>
        ))}
      </ul>
    </>
  );
}
