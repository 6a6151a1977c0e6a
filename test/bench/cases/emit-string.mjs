import { connectFake } from "../lib/connect.mjs";
import { emitting } from "../lib/subject.mjs";

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  return emitting(side.name, ws, () => client.emit("chat", "hello there"));
}
