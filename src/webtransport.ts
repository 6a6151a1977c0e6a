/** HTTP/3: `io(url, { transports: ["websocket", "polling", webTransport] })`. */
export {
  WebTransportTransport as webTransport,
  WebTransportTransport as WebTransport,
} from "./transports/webtransport.js";
