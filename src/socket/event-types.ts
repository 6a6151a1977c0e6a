/* eslint-disable @typescript-eslint/no-explicit-any -- listeners are contravariant: only `any` lets every signature in */

/** Event names to listener signatures, as an app declares them. */
export interface EventsMap {
  [event: string]: any;
}

/** For apps that declare no events: any name and any arguments. */
export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void;
}

type Fn = (...args: any[]) => any;

/** The names of the events in a map. */
export type EventNames<Map extends EventsMap> = keyof Map & string;

/** The arguments of an event. */
export type EventArgs<Map extends EventsMap, Event extends keyof Map> = Map[Event] extends Fn
  ? Parameters<Map[Event]>
  : never;

/** The last of some types. */
type Last<Args extends any[]> = Args extends [...any[], infer L] ? L : any;

/** All types but the last: an event's arguments without its ack. */
export type AllButLast<Args extends any[]> = Args extends [...infer Rest, any] ? Rest : any[];

/** What an ack answers with: its first argument that isn't the error of a timeout. */
type Answer<Ack> = Ack extends (...args: infer A) => any
  ? A extends [Error | null | undefined, infer V, ...any[]]
    ? V
    : A extends [infer V, ...any[]]
      ? V
      : A extends []
        ? void
        : any
  : any;

/** What `emitWithAck` resolves with. */
export type AckAnswer<Map extends EventsMap, Event extends keyof Map> = Answer<
  Last<EventArgs<Map, Event>>
>;

type ErrorFirst<T> = T extends (...args: infer A) => infer R ? (error: Error, ...args: A) => R : T;

/** An event's arguments when a timeout is set: the ack gets the error first. */
export type WithError<Args extends any[]> = Args extends [...infer Rest, infer L]
  ? [...Rest, ErrorFirst<L>]
  : Args;

/** A socket's events: the app's, and the library's own. */
export type WithReserved<Map extends EventsMap, Reserved> = {
  [Event in keyof Map as Event extends keyof Reserved ? never : Event]: Map[Event];
} & Reserved;
