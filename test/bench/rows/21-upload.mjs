import { WebSocket } from "ws";
import { ratioLine } from "../lib/lines.mjs";
import { startUploadServer, uploadRates } from "../lib/uploads.mjs";

export const row = {
  number: 21,
  title: "upload on loopback, 64 KiB chunks, 4 under way",
  async measure({ options }) {
    globalThis.WebSocket ??= WebSocket;
    const { io } = await import("../../../dist/index.js");
    const { upload } = await import("../../../dist/upload.js");
    const server = await startUploadServer();
    // short ones, many times: what disturbs a machine disturbs both sides alike
    const rounds = options.rounds * 5;
    const samples = await uploadRates({ io, upload, url: server.url, mebibytes: 16, rounds });
    await server.close();
    return [
      ratioLine({
        host: "node",
        what: "throughput, against a chunk loop written by hand",
        unit: "MiB/s",
        samples,
        goal: 0.9,
        atLeast: true,
      }),
    ];
  },
};
