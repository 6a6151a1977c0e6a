import { decodeBase64, encodeBase64 } from "../protocol/base64.js";
import type { AcceptedSocket, Endpoint, HttpAnswer, HttpExchange } from "./endpoint.js";
import type { EngineRequest, EngineResponse, EngineServer } from "./engine-server.js";
import type { Parcel } from "./engine-session.js";
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";

const SEPARATOR = "\x1e";
/** Messages of Engine.IO's errors, by number. */
const MESSAGES = ["Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request"];

/** Makes an {@link EngineServer} listen at an origin. */
export class EngineEndpoint implements Endpoint {
  isClosed = false;

  constructor(private readonly _server: EngineServer) {}

  openWebSocket(line: Line, url: string): AcceptedSocket {
    const server = this._server;
    const sid = server.acceptStream(line, sidOf(url), url);
    return {
      protocol: "",
      wrap: (frame): Parcel => ({ frame, stamp: server.stamp() }),
      arrived(frame) {
        if (typeof frame === "string") server.streamed(sid, frame);
      },
    };
  }

  exchange(url: string, body: string | undefined): HttpExchange {
    return new EngineExchange(this._server, url, body);
  }
}

class EngineExchange implements HttpExchange {
  private readonly _server: EngineServer;
  private readonly _request: EngineRequest;
  private _frames: readonly Frame[] = [];

  constructor(server: EngineServer, url: string, body: string | undefined) {
    const sid = sidOf(url);
    this._server = server;
    if (body === undefined) server.pollBegins(sid);
    // it has left the client now, although it takes time to leave the host
    const parcels = body?.split(SEPARATOR).map((text) => this._parcel(text));
    this._request = { sid, parcels, bytes: body?.length ?? 0, url };
  }

  begin(line: Line, answered: (answer: HttpAnswer) => void): void {
    const { client } = line;
    line.client = {
      ...client,
      frame: (response) => {
        const { status, frames, code } = response as EngineResponse;
        if (code !== undefined)
          return answered({ status, body: JSON.stringify({ code, message: MESSAGES[code] }) });
        this._frames = frames;
        answered({ status, body: frames.map(asText).join(SEPARATOR) });
      },
    };
    this._server.acceptRequests(line);
    line.up.send(this._request);
  }

  end(read?: () => void): void {
    const { sid, parcels } = this._request;
    const polledBy = parcels ? undefined : sid;
    const held = this._server.pollEnds(polledBy);
    read?.();
    for (const frame of held) this._server.told(polledBy, frame);
    // only now, because the client handles one frame of a body before it reads the next
    if (read)
      for (const frame of this._frames)
        if (typeof frame === "string") this._server.told(sid, frame);
  }

  private _parcel(text: string): Parcel {
    const frame = text.startsWith("b") ? new Uint8Array(decodeBase64(text.slice(1))) : text;
    return { frame, stamp: this._server.stamp() };
  }
}

function sidOf(url: string): string | undefined {
  return /[?&]sid=([^&]*)/u.exec(url)?.[1];
}

function asText(frame: Frame): string {
  return typeof frame === "string" ? frame : "b" + encodeBase64(frame);
}
