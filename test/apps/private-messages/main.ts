import { io } from "socket.io-client";
import type { Message, Person } from "./server.ts";

const element = <E extends HTMLElement = HTMLElement>(id: string): E =>
  document.getElementById(id) as E;

const KEY = "session";
const socket = io({ autoConnect: false });
const people = new Map<string, Person>();
let chosen: string | undefined;
let me = "";

function showPeople(): void {
  element("people").replaceChildren(
    ...[...people.values()].map(({ id, name, isHere, messages }) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.dataset["here"] = String(isHere);
      item.dataset["messages"] = String(messages.length);
      item.addEventListener("click", () => {
        chosen = id;
        showLog();
      });
      return item;
    }),
  );
}

function showLog(): void {
  const messages = (chosen && people.get(chosen)?.messages) || [];
  element("log").replaceChildren(
    ...messages.map(({ from, text }) => {
      const item = document.createElement("li");
      item.textContent = `${from === me ? "I" : people.get(from)?.name}: ${text}`;
      return item;
    }),
  );
}

function note(message: Message): void {
  people.get(message.from === me ? message.to : message.from)?.messages.push(message);
  showPeople();
  showLog();
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  socket.auth = { name: element<HTMLInputElement>("name").value };
  socket.connect();
});

element("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element<HTMLInputElement>("text").value;
  element<HTMLInputElement>("text").value = "";
  if (!chosen) return;
  note({ from: me, to: chosen, text });
  socket.emit("message", chosen, text);
});

const session = localStorage.getItem(KEY);
if (session) {
  socket.auth = { session };
  socket.connect();
}

socket.on("session", (session: string, id: string, name: string) => {
  socket.auth = { session };
  localStorage.setItem(KEY, session);
  me = id;
  element("sign-in").hidden = true;
  element("desk").hidden = false;
  element("myself").textContent = name;
});

socket.on("connect_error", (error) => {
  element("problem").textContent = error.message;
  if (error.message === "unknown session") localStorage.removeItem(KEY);
});

socket.on("people", (all: Person[]) => {
  people.clear();
  for (const person of all) if (person.id !== me) people.set(person.id, person);
  showPeople();
  showLog();
});
socket.on("here", (id: string, name: string) => {
  people.set(id, { messages: [], ...people.get(id), id, name, isHere: true });
  showPeople();
});
socket.on("away", (id: string) => {
  const person = people.get(id);
  if (person) person.isHere = false;
  showPeople();
});
socket.on("message", note);
