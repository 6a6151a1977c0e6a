import { connectFake } from "../lib/connect.mjs";
import { acknowledging } from "../lib/subject.mjs";

const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };
const TIMEOUT = 10_000;

/** One operation is an emit with a deadline and the answer to it. The raw client keeps no deadline: it is row 4's. */
export async function subject(side) {
  const { client, ws } = await connectFake(side);
  let answered = 0;
  const callback = () => {
    answered++;
  };
  const emit = side.io
    ? () => client.timeout(TIMEOUT).emit("save", ARGUMENT, callback)
    : () => client.emitWithAck("save", ARGUMENT, callback);
  return acknowledging(side.name, ws, emit, () => answered);
}
