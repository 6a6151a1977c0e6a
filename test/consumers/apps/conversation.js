/*
 * What each app does with the client that it got: a script without imports, for bundlers, script tags, workers and test
 * runners alike. The server's half is in support/site.ts.
 *
 *   report(io)                      two conversations, one over each transport
 *   converse(socket)                one, with a socket that is there
 */

/** Hears an event and answers it, asks, and sends bytes. */
globalThis.converse = async function converse(socket) {
  const greeting = new Promise((resolve) => {
    socket.on("greeting", (text, bytes, answer) => {
      answer(`${text}, too`);
      resolve([text, ...new Uint8Array(bytes)]);
    });
  });
  const sum = await socket.emitWithAck("add", 2, 3);
  const echo = await socket.emitWithAck("echo", { bytes: new Uint8Array([0, 127, 255]) });
  const { engine, opts } = socket.io;
  // where the app leaves the choice to the library, a busy machine may begin with polling, and moves on
  if (!opts.transports && engine.transport.name === "polling")
    await new Promise((resolve) => engine.once("upgrade", resolve));
  return {
    transport: engine.transport.name,
    greeting: await greeting,
    sum,
    echo: [...new Uint8Array(echo.bytes)],
    answer: await socket.emitWithAck("your answer"),
  };
};

globalThis.report = async function report(io, options = {}, url = undefined) {
  const told = [];
  for (const transport of ["websocket", "polling"]) {
    const socket = io(url, { ...options, transports: [transport], forceNew: true });
    told.push(await globalThis.converse(socket));
    socket.disconnect();
  }
  return told;
};

/** Where a browser's test looks for it. */
globalThis.print = (told) => console.info(`report: ${JSON.stringify(told)}`);
