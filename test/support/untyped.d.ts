/** Modules of the tests that come without types. */
declare module "stomp-broker-js" {
  import type { Server } from "node:http";
  export default class StompServer {
    constructor(config: { server: Server; path?: string });
    send(topic: string, headers: object, body: string): void;
    subscribe(topic: string, listener: (body: unknown) => void): string;
  }
}

declare module "mqtt/dist/mqtt.esm" {
  export { default } from "mqtt";
}
