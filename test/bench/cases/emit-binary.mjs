import { connectFake } from "../lib/connect.mjs";
import { emitting } from "../lib/subject.mjs";

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  const buffer = new ArrayBuffer(65_536);
  const emit = side.io
    ? () => client.emit("file", buffer)
    : () => client.emitBinary("file", buffer);
  return emitting(side.name, ws, emit, 2);
}
