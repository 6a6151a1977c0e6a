/** The close codes of WebSocket that Tautline compares, sends or reports (RFC 6455, section 7.4.1). */

export const NORMAL_CLOSURE = 1000;
/** The close frame has no code. It is reported and never sent. */
export const NO_STATUS = 1005;
/** The connection ended without a close frame. It is reported and never sent. */
export const ABNORMAL_CLOSURE = 1006;
export const MESSAGE_TOO_BIG = 1009;
