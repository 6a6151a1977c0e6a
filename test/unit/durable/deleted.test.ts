import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { indexedDbStore } from "../../../src/durable/indexed-db.js";
import { type Got, Session, settle } from "./harness.js";

/** Each test has its own: pages of the one before may still speak. */
let name = "";
let count = 0;

/** Until IndexedDB has done what it was asked. */
async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  await settle();
}

function deleteDatabase(): Promise<void> {
  return new Promise((resolve) => {
    indexedDB.deleteDatabase(`tautline ["${name}","1","/"]`).onsuccess = () => resolve();
  });
}

beforeEach(() => {
  name = `app ${count++}`;
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("IDBKeyRange", IDBKeyRange);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const numbers = (got: readonly Got[]): unknown[] => got.map(({ args }) => args[1]);

describe("After the database was deleted under an open page", () => {
  async function opened(): Promise<Session> {
    const session = new Session({ name, store: indexedDbStore() });
    session.line.open().accept();
    for (let i = 0; i < 3; i++) {
      await session.answer();
      await idle();
    }
    return session;
  }

  it("sends what is stored then, in this connection, once (DUR-26, DUR-39)", async () => {
    const session = await opened();
    let last = 0;
    for (let n = 1; n <= 5; n++) last = await session.socket.durable.emit("n", n);
    for (const one of session.got()) await session.ack(one);
    await idle();
    await deleteDatabase();
    const ids = [6, 7, 8, 9].map((n) => session.socket.durable.emit("n", n));
    // no id comes again
    expect(Math.min(...(await Promise.all(ids)))).toBeGreaterThan(last);
    const sent = session.got();
    expect(numbers(sent)).toEqual([6, 7, 8, 9]);
    for (const one of sent) await session.ack(one);
    await idle();
    await expect.poll(() => session.socket.durable.list()).toEqual([]);
    await expect.poll(() => session.settled).toHaveLength(9);
    await session.socket.durable.emit("n", 10);
    await deleteDatabase();
    await session.socket.durable.emit("n", 11);
    expect(numbers(session.got())).toEqual([10, 11]);
  });

  it("removes nothing with the acks of packets that were lost with it (DUR-61)", async () => {
    const session = await opened();
    await session.socket.durable.emit("n", 1);
    await session.socket.durable.emit("n", 2);
    const old = session.got();
    await deleteDatabase();
    for (const n of [3, 4]) await session.socket.durable.emit("n", n);
    for (const one of old) await session.ack(one);
    await idle();
    expect(numbers(session.got())).toEqual([3, 4]);
    expect((await session.socket.durable.list()).map(({ args }) => args[0])).toEqual([3, 4]);
    await expect.poll(() => session.settled.map(({ args }) => args[0])).toEqual([1, 2]);
  });

  it("sends what another tab has stored then (DUR-62)", async () => {
    const session = await opened();
    // each look takes what was sent since the last one
    const sent: unknown[] = [];
    const all = (): unknown[] => {
      sent.push(...numbers(session.got()));
      return sent;
    };
    for (let n = 1; n <= 3; n++) await session.socket.durable.emit("n", n);
    await expect.poll(all).toEqual([1, 2, 3]);
    await deleteDatabase();
    await new Session({ name, store: indexedDbStore() }).socket.durable.emit("n", 4);
    await expect.poll(all).toEqual([1, 2, 3, 4]);
  });
});
