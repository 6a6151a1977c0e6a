import { connectFake } from "../lib/connect.mjs";
import { acknowledging } from "../lib/subject.mjs";

const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };

/** One operation is an emit with a callback and the answer to it. */
export async function subject(side) {
  const { client, ws } = await connectFake(side);
  let answered = 0;
  const callback = () => {
    answered++;
  };
  const emit = side.io
    ? () => client.emit("save", ARGUMENT, callback)
    : () => client.emitWithAck("save", ARGUMENT, callback);
  return acknowledging(side.name, ws, emit, () => answered);
}
