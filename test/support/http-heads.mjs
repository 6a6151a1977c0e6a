const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Reads a request or status line with its headers.
 *
 * @param {Buffer} bytes a head with its closing empty line
 */
export function parseHead(bytes) {
  const [start, ...lines] = bytes.toString("latin1").trimEnd().split("\r\n");
  /** @type {Record<string, string>} */
  const headers = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { start, headers };
}

/** @param {Buffer} bytes */
function parseRequest(bytes) {
  const { start, headers } = parseHead(bytes);
  const [method, url] = start.split(" ");
  const query = new URLSearchParams(url.split("?")[1]);
  return {
    method,
    url,
    headers,
    transport: query.get("transport"),
    sid: query.get("sid"),
    upgrade: headers.upgrade?.toLowerCase() === "websocket",
  };
}

/** The same request without its wish to become a WebSocket. */
export function withoutUpgrade(bytes) {
  const lines = bytes.toString("latin1").split("\r\n");
  return Buffer.from(
    lines.filter((line) => !/^(upgrade|connection):/i.test(line)).join("\r\n"),
    "latin1",
  );
}

/**
 * Cuts one side of a connection into heads and what follows them. It knows requests one after the other on one
 * connection, with Content-Length and chunked bodies; from `enterRaw()` on everything is raw.
 */
export class RequestSplitter {
  #state = "head";
  #rest = Buffer.alloc(0);
  #missing = 0;

  enterRaw() {
    this.#state = "raw";
  }

  /**
   * Lazy on purpose: the reader may call `enterRaw()` between two parts.
   *
   * @param {Buffer} chunk
   */
  *split(chunk) {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (this.#rest.length > 0) {
      const part = this.#next();
      if (part === undefined) return;
      yield part;
    }
  }

  #next() {
    switch (this.#state) {
      case "head": {
        const end = this.#rest.indexOf(HEAD_END);
        if (end < 0) return undefined;
        const data = this.#take(end + HEAD_END.length);
        const request = parseRequest(data);
        this.#expectBody(request.headers);
        return { kind: "head", data, request };
      }
      case "body": {
        const data = this.#take(Math.min(this.#missing, this.#rest.length));
        this.#missing -= data.length;
        if (this.#missing === 0) this.#state = "head";
        return { kind: "body", data };
      }
      case "chunk-size": {
        const end = this.#rest.indexOf("\r\n");
        if (end < 0) return undefined;
        const size = parseInt(this.#rest.toString("latin1", 0, end), 16);
        // The data is followed by an empty line, and so is the last chunk, which has no data.
        this.#missing = size + 2;
        this.#state = size === 0 ? "body" : "chunk-data";
        return { kind: "body", data: this.#take(end + 2) };
      }
      case "chunk-data": {
        const data = this.#take(Math.min(this.#missing, this.#rest.length));
        this.#missing -= data.length;
        if (this.#missing === 0) this.#state = "chunk-size";
        return { kind: "body", data };
      }
      default:
        return { kind: "raw", data: this.#take(this.#rest.length) };
    }
  }

  #expectBody(headers) {
    if (headers["transfer-encoding"]?.toLowerCase() === "chunked") this.#state = "chunk-size";
    else {
      this.#missing = Number(headers["content-length"] ?? 0);
      if (this.#missing > 0) this.#state = "body";
    }
  }

  #take(count) {
    const data = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return data;
  }
}

/** Finds the end of the one response that turns a connection into a WebSocket. */
export class UpgradeResponse {
  #rest = Buffer.alloc(0);

  /**
   * @param {Buffer} chunk
   * @returns {{ status: number, head: Buffer, tail: Buffer } | undefined} nothing while the head is incomplete
   */
  read(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const end = this.#rest.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const head = this.#rest.subarray(0, end + HEAD_END.length);
    const status = Number(parseHead(head).start.split(" ")[1]);
    return { status, head, tail: this.#rest.subarray(head.length) };
  }
}
