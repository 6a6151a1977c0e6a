import { io, type Socket } from "socket.io-client";
import type { Answer, ClientToServer, ServerToClient, Task } from "./events.ts";

const socket: Socket<ServerToClient, ClientToServer> = io();
const element = (id: string): HTMLElement => document.getElementById(id)!;
const tasks = new Map<string, Task>();

/** The data, or the problem in the place for it. */
function dataOf<T>(answer: Answer<T>): T | undefined {
  element("problem").textContent =
    "error" in answer
      ? [
          answer.error,
          ...(answer.fields ?? []).map(({ name, message }) => `${name}: ${message}`),
        ].join(", ")
      : "";
  return "data" in answer ? answer.data : undefined;
}

function show(): void {
  element("tasks").replaceChildren(
    ...[...tasks.values()].map((task) => {
      const { id, title, isDone } = task;
      const item = document.createElement("li");
      const box = document.createElement("input");
      const remove = document.createElement("button");
      box.type = "checkbox";
      box.checked = isDone;
      box.addEventListener("change", () => void update({ ...task, isDone: box.checked }));
      remove.textContent = "Remove";
      remove.addEventListener("click", () => {
        socket.emit("task:remove", id, (answer) => {
          if (dataOf(answer) === null) tasks.delete(id);
          show();
        });
      });
      item.append(box, title, remove);
      return item;
    }),
  );
}

async function update(task: Task): Promise<void> {
  try {
    if (dataOf(await socket.timeout(2000).emitWithAck("task:update", task)) === null)
      tasks.set(task.id, task);
  } catch {
    element("problem").textContent = "no answer";
  }
  show();
}

element("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = element("title") as HTMLInputElement;
  socket.emit("task:create", { title: field.value, isDone: false }, (answer) => {
    const task = dataOf(answer);
    if (!task) return;
    field.value = "";
    tasks.set(task.id, task);
    show();
  });
});

socket.on("connect", () => {
  socket.emit("task:list", (answer) => {
    tasks.clear();
    for (const task of dataOf(answer) ?? []) tasks.set(task.id, task);
    show();
  });
});
socket.on("task:created", (task) => {
  tasks.set(task.id, task);
  show();
});
socket.on("task:updated", (task) => {
  tasks.set(task.id, task);
  show();
});
socket.on("task:removed", (id) => {
  tasks.delete(id);
  show();
});
