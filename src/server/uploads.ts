import { TautlineError } from "../errors.js";
import { countBytes, type Frame, isCount, type Measure } from "../stream/frames.js";
import { Receiver } from "../stream/receiver.js";
import type { StreamBounds } from "./stream-registry.js";
import {
  checker,
  contextOf,
  receive,
  serve,
  type StreamContext,
  type StreamServer,
} from "./streaming.js";

/**
 * A file as a client has announced it. Its name contains no path; type and metadata are unchecked input of the client.
 */
export interface AnnouncedFile {
  readonly id: string;
  /** Undefined: it has none. */
  readonly name: string | undefined;
  readonly type: string;
  /** Bytes; undefined: the client doesn't know. */
  readonly size: number | undefined;
  readonly metadata: unknown;
}

/**
 * Takes the chunks of a file, one after the other: who reads slowly slows the client down. Resolves when the file is stored; with
 * what, the client's promise does. When the upload ends early, reading rejects: clean up, and reject too.
 */
export type UploadSink<S = unknown> = (
  file: AnnouncedFile,
  chunks: AsyncIterableIterator<Uint8Array>,
  context: StreamContext<S>,
) => unknown;

/** How {@link receiveUploads} receives. */
export interface UploadsOptions<S = unknown> extends StreamBounds<S> {
  /** Bytes of a file. More are refused with `too-large`. @default 104857600, 100 MiB */
  maxSize?: number;
  /** Bytes that may wait for the sink; one chunk more at the most. @default 1048576 */
  limit?: number;
  /** Only true lets a file in; a sentence says why it is refused, with `refused`. @default all are taken */
  allow?: (file: AnnouncedFile, socket: S) => boolean | string | Promise<boolean | string>;
  /**
   * How many bytes of this file are stored already, by an earlier process: the client goes on there, and the sink gets the rest.
   *
   * @default 0
   */
  offsetOf?: (file: AnnouncedFile, socket: S) => number | Promise<number>;
}

const MAX_NAME = 255;
const MAX_TYPE = 255;
const MAX_METADATA = 16_384;

/**
 * Receives what clients send with `upload()` of `tautline/upload`. Sizes and offsets are checked; the client gets the percentage with
 * each answer.
 *
 * @param server - a socket.io server, namespace or socket, or what `overWebSockets()` gives
 * @param sink - what it throws, the client's promise rejects with, with its `code` and `message`
 * @throws TautlineError `invalid-option`
 * @example receiveUploads(io, "upload", (file, chunks) => pipeline(chunks, createWriteStream(pathOf(file.id))), { maxSize });
 */
export function receiveUploads<S = unknown>(
  server: StreamServer,
  event: string,
  sink: UploadSink<S>,
  options: UploadsOptions<S> = {},
): void {
  const check = checker("receiveUploads");
  const { maxSize = 100 * 2 ** 20, limit = 2 ** 20, allow, offsetOf } = options;
  check(typeof sink === "function", "sink");
  check(maxSize >= 0, "maxSize");
  check(limit >= 1, "limit");
  check(!allow || typeof allow === "function", "allow");
  check(!offsetOf || typeof offsetOf === "function", "offsetOf");
  serve(server, event, options, check, async (frame, entry, socket) => {
    const file = readAnnouncement(frame, maxSize);
    const { size } = file;
    const verdict: unknown = allow ? await allow(file, socket as S) : true;
    if (verdict !== true)
      throw new TautlineError(
        "refused",
        typeof verdict === "string" && verdict ? verdict : "this file is not allowed",
      );
    const offset = (await offsetOf?.(file, socket as S)) ?? 0;
    if (!isCount(offset) || offset > (size ?? offset))
      throw new TautlineError("stream-failed", "the stored part of the file is not a part of it");
    const receiver = new Receiver<Uint8Array>(measure(size, maxSize), limit, offset, true);
    if (size !== undefined)
      entry.decorate = (answer) => ({
        ...answer,
        percent: size ? Math.floor(((answer.offset ?? 0) / size) * 100) : 100,
      });
    const context = contextOf(entry, socket, offset) as StreamContext<S>;
    return receive(receiver, entry, limit, () => sink(file, receiver, context));
  });
}

/** Bytes, as many as were announced, and no more. */
function measure(size: number | undefined, maxSize: number): Measure {
  return (data, offset) => {
    const bytes = countBytes(data, offset);
    if (offset + bytes > (size ?? maxSize))
      throw new TautlineError("too-large", `there are more than ${size ?? maxSize} bytes`);
    if (data === undefined && offset !== (size ?? offset))
      throw new TautlineError("invalid-frame", `only ${offset} of ${size} bytes were sent`);
    return bytes;
  };
}

/** @throws TautlineError `invalid-frame`, `too-large` */
function readAnnouncement(frame: Frame, maxSize: number): AnnouncedFile {
  const { id, name, type, size, metadata } = frame as Frame & Record<string, unknown>;
  const refuse = (what: string): never => {
    throw new TautlineError("invalid-frame", `the upload was announced with a wrong ${what}`);
  };
  if (name != null && !isName(name)) refuse("name");
  if (type != null && !(typeof type === "string" && type.length <= MAX_TYPE)) refuse("type");
  if (size != null && !isCount(size)) refuse("size");
  if (!isSmall(metadata)) refuse("metadata");
  if ((size as number) > maxSize)
    throw new TautlineError("too-large", `files may have ${maxSize} bytes, not ${size as number}`);
  return {
    id,
    name: (name as string | null | undefined) ?? undefined,
    type: (type as string | null | undefined) ?? "",
    size: (size as number | null | undefined) ?? undefined,
    metadata,
  };
}

/** Separators of paths, drives and streams; control characters; what turns the direction of text; and no name at all. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const NO_NAME = /[/\\:\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\.{0,2}$/;
/** Windows has devices of these names, in every folder and with any ending. */
const DEVICE = /^(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(\.|$)/i;

/** A name that no file system takes for a path, a device or a stream. */
function isName(name: unknown): boolean {
  return (
    typeof name === "string" && name.length <= MAX_NAME && !NO_NAME.test(name) && !DEVICE.test(name)
  );
}

function isSmall(metadata: unknown): boolean {
  try {
    return (JSON.stringify(metadata) ?? "").length <= MAX_METADATA;
  } catch {
    return false;
  }
}
