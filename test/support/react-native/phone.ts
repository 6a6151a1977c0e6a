/** What a test of React Native asks for; it ends with the test. */
import { readFileSync } from "node:fs";
import { inject, onTestFinished } from "vitest";
import type { RunningSocketIo } from "../servers.js";
import { Device } from "./device.js";

/** Ways to talk to the server, and the transport on which each ends up. */
export const ways = [
  { name: "websocket", transports: ["websocket"], settles: "websocket" },
  { name: "polling", transports: ["polling"], settles: "polling" },
  { name: "polling by fetch", transports: ["fetch"], settles: "polling" },
  { name: "polling, then websocket", transports: ["polling", "websocket"], settles: "websocket" },
];

/** A device on which the app runs. */
export function phone(): Device {
  const device = new Device(readFileSync(inject("bundle"), "utf8"));
  onTestFinished(() => device.end());
  return device;
}

/** The server's end of the one socket that it has. */
export async function farEnd(server: RunningSocketIo) {
  const [far] = await server.io.fetchSockets();
  const socket = server.io.sockets.sockets.get(far?.id ?? "");
  if (!socket) throw new Error("the server has no socket");
  return socket;
}
