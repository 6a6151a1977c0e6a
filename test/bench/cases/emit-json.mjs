import { connectFake } from "../lib/connect.mjs";
import { records } from "../lib/payload.mjs";
import { emitting } from "../lib/subject.mjs";

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  const payload = records();
  return emitting(side.name, ws, () => client.emit("list", payload));
}
