const TEXT = {
  open: 0x30,
  ping: 0x32,
  message: 0x34,
  connect: 0x30,
  event: 0x32,
  ack: 0x33,
  binaryEvent: 0x35,
  bracket: 0x5b,
};
const PLACEHOLDER = { _placeholder: true, num: 0 };

/**
 * The limit: what somebody would write by hand who needs one connection, one namespace, events, acks and a
 * buffer as an argument, in Socket.IO's wire format, and nothing else: no reconnection, no checks, no
 * search for buffers inside objects. Whatever a client does on top of this is its price.
 */
export class RawClient {
  #ws;
  #handlers = new Map();
  #acks = new Map();
  #nextId = 0;
  #awaitingBuffer = undefined;
  /** Resolves when the namespace has been accepted. */
  connected;

  constructor(url, WebSocketClass = globalThis.WebSocket) {
    this.#ws = new WebSocketClass(url);
    this.#ws.binaryType = "arraybuffer";
    this.connected = new Promise((resolve, reject) => {
      this.#handlers.set("connect", resolve);
      this.#ws.onerror = reject;
    });
    this.#ws.onmessage = (event) => this.#receive(event.data);
  }

  on(name, handler) {
    this.#handlers.set(name, handler);
  }

  emit(name, argument) {
    this.#ws.send("42" + JSON.stringify([name, argument]));
  }

  emitBinary(name, buffer) {
    this.#ws.send("451-" + JSON.stringify([name, PLACEHOLDER]));
    this.#ws.send(buffer);
  }

  emitWithAck(name, argument, callback) {
    const id = this.#nextId++;
    this.#acks.set(id, callback);
    this.#ws.send("42" + id + JSON.stringify([name, argument]));
  }

  close() {
    this.#ws.close();
  }

  #receive(data) {
    if (typeof data !== "string") {
      const args = this.#awaitingBuffer;
      this.#awaitingBuffer = undefined;
      args[args.findIndex((value) => value?._placeholder === true)] = data;
      this.#dispatch(args, undefined);
      return;
    }
    const type = data.charCodeAt(0);
    if (type === TEXT.message) this.#packet(data);
    else if (type === TEXT.ping) this.#ws.send("3");
    else if (type === TEXT.open) this.#ws.send("40");
  }

  #packet(data) {
    const type = data.charCodeAt(1);
    if (type === TEXT.connect) {
      this.#handlers.get("connect")(this);
      return;
    }
    let start = type === TEXT.binaryEvent ? 4 : 2;
    let id = undefined;
    for (let code; (code = data.charCodeAt(start)) !== TEXT.bracket; start++) {
      id = (id ?? 0) * 10 + code - 0x30;
    }
    const args = JSON.parse(data.slice(start));
    if (type === TEXT.event) {
      this.#dispatch(args, id);
    } else if (type === TEXT.ack) {
      const callback = this.#acks.get(id);
      this.#acks.delete(id);
      callback(args[0]);
    } else if (type === TEXT.binaryEvent) {
      this.#awaitingBuffer = args;
    }
  }

  #dispatch(args, id) {
    const handler = this.#handlers.get(args[0]);
    if (id === undefined) {
      handler(args[1]);
    } else {
      handler(args[1], (answer) => this.#ws.send("43" + id + JSON.stringify([answer])));
    }
  }
}
