import { reached } from "./connect.mjs";

/** How many operations an application does in one turn of the event loop. */
export const BURST = 32;

/** A subject that calls `operation` in bursts, and after each waits for the frames that belong to it. */
export function emitting(name, ws, operation, framesEach = 1) {
  return {
    name,
    async run(count) {
      let expected = ws.sent;
      for (let left = count; left > 0; left -= BURST) {
        const burst = Math.min(BURST, left);
        for (let index = 0; index < burst; index++) operation();
        expected += burst * framesEach;
        if (ws.sent < expected) await reached(() => ws.sent, expected);
      }
    },
  };
}

/** A subject that delivers the same frames in bursts, and waits until each message has reached its listener. */
export function receiving(name, ws, frames, arrived) {
  return {
    name,
    async run(count) {
      let expected = arrived();
      for (let left = count; left > 0; left -= BURST) {
        const burst = Math.min(BURST, left);
        for (let index = 0; index < burst; index++) {
          for (let frame = 0; frame < frames.length; frame++) ws.deliver(frames[frame]);
        }
        expected += burst;
        if (arrived() !== expected) await reached(arrived, expected);
      }
    },
  };
}

/** A subject that emits with an ack in bursts and has the server answer each. Ids count from `firstId`, one an emit. */
export function acknowledging(name, ws, emit, answered, firstId = 0) {
  let nextId = firstId;
  let answers = [];
  return {
    name,
    prepare(count) {
      answers = [];
      for (let index = 0; index < count; index++) answers.push(`43${nextId + index}[{"ok":true}]`);
    },
    async run(count) {
      let expectedAnswers = answered();
      let expected = ws.sent;
      for (let done = 0; done < count; done += BURST) {
        const end = Math.min(count, done + BURST);
        for (let index = done; index < end; index++) emit();
        expected += end - done;
        if (ws.sent < expected) await reached(() => ws.sent, expected);
        for (let index = done; index < end; index++) ws.deliver(answers[index]);
        expectedAnswers += end - done;
        if (answered() !== expectedAnswers) await reached(answered, expectedAnswers);
      }
      nextId += count;
    },
  };
}
