import { connectFake } from "../lib/connect.mjs";
import { receiving } from "../lib/subject.mjs";

const FRAMES = [`42["move",{"id":7,"x":10.5,"y":-3,"name":"ada"}]`];

export async function subject(side) {
  const { client, ws } = await connectFake(side);
  let arrived = 0;
  client.on("move", () => arrived++);
  return receiving(side.name, ws, FRAMES, () => arrived);
}
