/** Guarantees for packets when the connection breaks: docs/delivery.md. */
export { atLeastOnce } from "./at-least-once.js";
export { exactlyOnce } from "./exactly-once.js";
export { drained, flush } from "../reading/waiting.js";
export type { Delivery, DeliveryPolicy, PolicyHost } from "../pipeline/policy.js";
export type { Packet } from "../pipeline/packet.js";
