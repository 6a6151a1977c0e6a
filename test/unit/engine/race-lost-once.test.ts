import { expect, it, onTestFinished, vi } from "vitest";
import { TransportMemory } from "../../../src/engine/memory.js";
import { Race } from "../../../src/engine/race.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { optionsFor } from "../../contract/transport-contract.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

it("tells once that a race is lost when HTTP's answer condemns an open, silent WebSocket", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const [A, B] = [scriptedTransport("websocket"), scriptedTransport("polling")];
  const lost = vi.fn();
  const race = new Race(
    {
      candidates: [
        { name: "websocket", create: () => new A(optionsFor("websocket", 1)) },
        { name: "polling", create: () => new B(optionsFor("polling", 1)) },
      ],
      headStart: 1000,
      memory: new TransportMemory("http://lost-once.test/"),
      timers: hostTimers(),
    },
    { trying() {}, won() {}, lost },
  );
  race.start();
  A.latest.stand();
  vi.advanceTimersByTime(1000);
  B.latest.stand().say("<html>");
  expect(lost).toHaveBeenCalledOnce();
});
