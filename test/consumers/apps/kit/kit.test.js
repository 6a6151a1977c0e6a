/** As Jest runs it, with and without its fake timers. */
const { exactlyOnce } = require("tautline/delivery");
const { dedupe } = require("tautline/server");
const { explore, network } = require("tautline/test");
const { outage, expected } = require("./chat.cjs");

afterEach(() => jest.useRealTimers());

test("the network fails, and the app goes on", async () => {
  expect(await outage()).toMatchObject(expected);
});

test("each run is the same, whatever timers there are", async () => {
  const { transcript } = await outage();
  jest.useFakeTimers();
  expect((await outage()).transcript).toBe(transcript);
});

test("fake timers that come later are an error that says so", async () => {
  const net = network();
  jest.useFakeTimers();
  await expect(net.advance(1)).rejects.toThrow("install them before it");
  jest.useRealTimers();
  await net.close();
});

test("the helper of the server has its ticks", async () => {
  jest.useFakeTimers();
  const net = network();
  const server = net.server("https://chat.example");
  dedupe(server);
  server.on("connection", (far) => far.on("say", (_text, answer) => answer("heard")));
  const socket = net.io("https://chat.example", { delivery: exactlyOnce() });
  expect(await net.until(socket.emitWithAck("say", "hello"))).toBe("heard");
  await net.close();
});

test("many runs", async () => {
  const { runs } = await explore({ runs: 20 }, async (net) => {
    net.server("https://chat.example");
    const socket = net.io("https://chat.example", { reconnectionDelayMax: 500 });
    await net.advance(60_000);
    expect(socket.connected).toBe(true);
  });
  expect(runs).toBe(20);
});
