import { useCallback, useEffect, useRef, useState } from "react";
import type { TautlineError } from "../errors.js";
import { outcome } from "../pipeline/outcomes.js";
import type { StreamSocket } from "../stream/follow.js";
import type { Uploadable } from "../upload/sources.js";
import { type Progress, type Upload, upload, type UploadOptions } from "../upload/upload.js";
import { inFrame } from "./frames.js";
import { useLatest } from "./use-latest.js";

interface UploadState<R> {
  /** Of the last file; undefined before anything was sent. Shown once a frame at most. */
  progress: Progress | undefined;
  /** The last file is under way. */
  pending: boolean;
  /** What the server answered in the end. */
  data: R | undefined;
  /** Why the last file didn't arrive. */
  error: TautlineError | undefined;
}

/** What {@link useUpload} gives. */
export interface UseUploadResult<R> extends UploadState<R> {
  /**
   * Sends a file. One that is still under way is aborted. What is told by `error` needs no `catch`.
   *
   * @throws TautlineError `invalid-option`; `disconnected` when there is no socket; rejects as `upload()` does
   */
  upload(file: Uploadable): Upload<R>;
  pause(): void;
  resume(): void;
  abort(reason?: unknown): void;
}

const IDLE = { progress: undefined, pending: false, data: undefined, error: undefined };

/**
 * Sends files in chunks that resume: see `upload()` of `tautline/upload`. When the component is gone, or gets another socket or
 * event, what is under way is aborted.
 *
 * @param options - of `upload()`; those of the render before the call count
 * @example const { upload, progress } = useUpload(socket, "upload");
 */
export function useUpload<R = unknown>(
  socket: StreamSocket | null | undefined,
  event: string,
  options: UploadOptions = {},
): UseUploadResult<R> {
  const [state, setState] = useState<UploadState<R>>(IDLE);
  const latest = useLatest(options);
  const last = useRef<{ upload?: Upload<R> }>({});
  const abort = useCallback((reason?: unknown) => last.current.upload?.abort(reason), [last]);
  useEffect(() => () => abort(), [socket, event, abort]);
  const start = useCallback(
    (file: Uploadable) => {
      if (!socket) throw outcome("disconnected", "not-sent");
      abort();
      let progress: Progress | undefined;
      const change = (news: Partial<UploadState<R>>): void => {
        if (last.current.upload === current) setState((old) => ({ ...old, progress, ...news }));
      };
      const show = (): void => change({});
      const current = upload<R>(socket, event, file, {
        ...latest.current,
        onProgress(now) {
          progress = now;
          inFrame(show);
          latest.current.onProgress?.(now);
        },
      });
      last.current.upload = current;
      setState({ ...IDLE, pending: true });
      current.then(
        (data) => change({ data, pending: false }),
        (error: TautlineError) => change({ error, pending: false }),
      );
      return current;
    },
    [socket, event, abort, last, latest],
  );
  return {
    ...state,
    upload: start,
    pause: useCallback(() => last.current.upload?.pause(), [last]),
    resume: useCallback(() => last.current.upload?.resume(), [last]),
    abort,
  };
}
