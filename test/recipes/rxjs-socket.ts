import { Observable, shareReplay } from "rxjs";
import { io, type Socket, type TautlineError } from "../../src/index.js";

/** A socket that is connected while it has subscribers; all subscribers share it. */
export function socketOf(url: string): Observable<Socket> {
  return new Observable<Socket>((subscriber) => {
    const socket = io(url, { forceNew: true });
    subscriber.next(socket);
    return () => socket.disconnect();
  }).pipe(shareReplay({ bufferSize: 1, refCount: true }));
}

/** The first argument of each event. For all arguments use `fromEvent(socket, "chat")` of RxJS. */
export function events<T>(socket: Socket, event: string): Observable<T> {
  return new Observable<T>((subscriber) => {
    const next = (value: T) => subscriber.next(value);
    socket.on(event, next);
    return () => socket.off(event, next);
  });
}

/** True and false in turn; an error when the server has refused the namespace and nothing more is tried. */
export function connected(socket: Socket): Observable<boolean> {
  return new Observable<boolean>((subscriber) => {
    const update = () => subscriber.next(socket.connected);
    const refused = (error: TautlineError) => socket.active || subscriber.error(error);
    update();
    socket.on("connect", update).on("disconnect", update).on("connect_error", refused);
    return () =>
      socket.off("connect", update).off("disconnect", update).off("connect_error", refused);
  });
}

/** One question, one answer: it can be retried, switched and timed out like any other observable. */
export function ask<T>(socket: Socket, event: string, ...args: unknown[]): Observable<T> {
  return new Observable<T>((subscriber) => {
    const controller = new AbortController();
    socket
      .signal(controller.signal)
      .emitWithAck(event, ...args)
      .then(
        (answer: T) => {
          subscriber.next(answer);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
    return () => controller.abort();
  });
}
