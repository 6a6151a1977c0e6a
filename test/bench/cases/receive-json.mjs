import { connectFake } from "../lib/connect.mjs";
import { records } from "../lib/payload.mjs";
import { receiving } from "../lib/subject.mjs";

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  let arrived = 0;
  client.on("list", () => arrived++);
  return receiving(side.name, ws, [`42${JSON.stringify(["list", records()])}`], () => arrived);
}
