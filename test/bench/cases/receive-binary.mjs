import { connectFake } from "../lib/connect.mjs";
import { receiving } from "../lib/subject.mjs";

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  const frames = [`451-["file",{"_placeholder":true,"num":0}]`, new ArrayBuffer(65_536)];
  let arrived = 0;
  client.on("file", (buffer) => {
    if (buffer.byteLength === 65_536) arrived++;
  });
  return receiving(side.name, ws, frames, () => arrived);
}
