import { connectFake } from "../lib/connect.mjs";
import { emitting } from "../lib/subject.mjs";

const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  return emitting(side.name, ws, () => client.emit("move", ARGUMENT));
}
