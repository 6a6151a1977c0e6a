import { io } from "socket.io-client";
import * as parser from "socket.io-msgpack-parser";

interface Reading {
  place: string;
  values: ArrayBuffer;
}

const socket = io({ parser });
const sum = (values: ArrayBuffer): number =>
  new Uint8Array(values).reduce((one, other) => one + other, 0);

document.getElementById("measure")!.addEventListener("click", () => {
  // the parser knows ArrayBuffers only
  const values = Uint8Array.from({ length: 300 }, (_, n) => n % 256).buffer;
  const place = location.hash.slice(1);
  socket.emit("reading", { place, values, tags: [1.5, null, "é"] }, (answer: Reading) => {
    document.getElementById("own")!.textContent = `${answer.place} ${sum(answer.values)}`;
  });
});

socket.on("reading", ({ place, values }: Reading) => {
  const item = document.createElement("li");
  item.textContent = `${place} ${sum(values)}`;
  document.getElementById("log")!.append(item);
});
