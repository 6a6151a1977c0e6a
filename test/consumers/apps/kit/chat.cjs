/** An app, and a test of it that any runner can run: what is written while the network is down arrives when it is back. */
const { network } = require("tautline/test");

/** @returns what the server has heard, how often the app was connected, and how long it took: virtual milliseconds */
async function outage() {
  const net = network({ seed: 7 });
  try {
    const heard = [];
    net.server("https://chat.example").on("connection", (far) => {
      far.on("say", (text, answer) => {
        heard.push(text);
        answer("heard");
      });
    });
    const socket = net.io("https://chat.example");
    let times = 0;
    socket.on("connect", () => times++);
    const first = await net.until(socket.emitWithAck("say", "at first"));
    net.blockWebSocket();
    net.cut();
    await net.until(() => !socket.connected);
    socket.emit("say", "while it was down", () => {});
    await net.until(() => heard.length === 2);
    const transport = socket.io.engine.transport.name;
    return { first, heard, times, transport, transcript: net.transcript };
  } finally {
    await net.close();
  }
}

/** What every runner has to see, the transcript aside. */
const expected = {
  first: "heard",
  heard: ["at first", "while it was down"],
  times: 2,
  transport: "polling",
};

module.exports = { outage, expected };
