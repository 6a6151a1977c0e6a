import { call } from "../errors.js";
import { checkOption } from "../options/check-options.js";
import { outcome } from "../pipeline/outcomes.js";
import { monotonicNow, randomId } from "../platform/browser.js";
import { sending } from "../stream/client.js";
import { type FollowOptions, follow, type StreamSocket } from "../stream/follow.js";
import { countBytes } from "../stream/frames.js";
import { Sender } from "../stream/sender.js";
import { chunksOf, type Uploadable } from "./sources.js";

/** How far an upload has come. */
export interface Progress {
  /** Bytes that were handed to the connection. */
  readonly sent: number;
  /** Bytes that the server has handled. */
  readonly acked: number;
  /** Bytes in all; undefined where that is not known. */
  readonly size: number | undefined;
  /** Of `acked`, from 0 to 100; undefined where `size` is. */
  readonly percent: number | undefined;
  /** Bytes a second that the server handles now; 0 before that is known. */
  readonly rate: number;
  /** Milliseconds that the rest takes at this rate; undefined while that is not known. */
  readonly timeLeft: number | undefined;
}

/** How {@link upload} sends. */
export interface UploadOptions extends FollowOptions {
  /** Bytes. The server must take packets of this size. @default 65536 */
  chunkSize?: number | undefined;
  /** How many chunks may be under way. @default 4 */
  window?: number | undefined;
  /** What the server is told of the file besides name, type and size: anything that JSON can hold. */
  metadata?: unknown;
  /** @default the File's */
  name?: string | undefined;
  /** A MIME type. @default the Blob's */
  type?: string | undefined;
  /** Told when something was sent or acknowledged. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** A promise of what the server answers in the end, and the way to stop it. */
export interface Upload<R> extends Promise<R> {
  /** Names it: with the same `id` and file, an upload goes on after a reload where the server is. */
  readonly id: string;
  /** Sends nothing more until `resume()`; what is under way still arrives. */
  pause(): void;
  resume(): void;
  /** Ends it on both sides: rejects with `aborted`. */
  abort(reason?: unknown): void;
}

/** How often the rate is measured, in milliseconds, and how much a new measurement counts. */
const SAMPLE = 500;
const SHARE = 0.3;

/**
 * Sends a file in chunks, each acknowledged. It goes on from the server's offset after each reconnection, and never holds more
 * than its window in memory.
 *
 * @throws TautlineError `invalid-option`; rejects with `aborted`, `disconnected`, `ack-timeout`, `unknown-stream`,
 * `invalid-frame`, `too-large`, or the server's own code
 * @example const { url } = await upload(socket, "upload", file, { onProgress: ({ percent }) => show(percent) });
 */
export function upload<R = unknown>(
  socket: StreamSocket,
  event: string,
  file: Uploadable,
  options: UploadOptions = {},
): Upload<R> {
  const { id = randomId(), chunkSize = 65536, window = 4, signal, metadata, onProgress } = options;
  checkOption("signal", signal);
  checkOption("limit", chunkSize);
  checkOption("limit", window);
  const chunk = Math.ceil(chunkSize) || 1;
  const source = chunksOf(file, chunk);
  const { name = (file as File).name, type = (file as Blob).type } = options;
  const { size } = source;
  const sender = new Sender(source, countBytes, chunk * window);
  if (onProgress) sender.onProgress = meter(sender, size, onProgress);
  const announce = (): object => ({ name, type, size, metadata });
  return Object.assign(
    sending<R>(sender, (ended) => follow(socket, event, id, sender, announce, options, ended)),
    {
      id,
      pause: () => void (sender.isPaused = true),
      resume: () => void (sender.isPaused = false),
      abort: (reason?: unknown) => sender.end(outcome("aborted", undefined, reason)),
    },
  );
}

function meter(
  sender: Sender,
  size: number | undefined,
  onProgress: (progress: Progress) => void,
): () => void {
  let rate = 0;
  let since: number | undefined;
  let before = 0;
  return () => {
    const { sent, offset: acked } = sender;
    const now = monotonicNow();
    // the server may be further than this page knew
    since ??= ((before = acked), now);
    if (now - since >= SAMPLE) {
      const current = (Math.max(acked - before, 0) / (now - since)) * 1000;
      rate = rate ? rate + (current - rate) * SHARE : current;
      since = now;
      before = acked;
    }
    const percent = size === undefined ? size : size ? (acked / size) * 100 : 100;
    const timeLeft = size !== undefined && rate ? ((size - acked) / rate) * 1000 : undefined;
    call(onProgress as () => void, undefined, [
      { sent, acked, size, percent, rate, timeLeft },
    ] as never);
  };
}
