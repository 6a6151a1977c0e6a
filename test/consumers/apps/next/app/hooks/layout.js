import { createElement } from "react";
import { SocketProvider } from "tautline/react";

/** A component of the server's, with the provider in it: the module says that it is for clients. */
export default function Layout({ children }) {
  return createElement(SocketProvider, { url: "/", transports: ["websocket"] }, children);
}
