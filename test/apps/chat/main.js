const socket = io();
const element = (id) => document.getElementById(id);
const typists = new Set();
let name;
let stopTyping;

function show(text, kind) {
  const line = document.createElement("li");
  line.className = kind;
  line.textContent = text;
  element("log").append(line);
}

function showTypists() {
  element("typing").textContent = typists.size ? `${[...typists].join(", ")} is typing` : "";
}

function enter() {
  socket.emit("enter", name, (people) => {
    element("people").textContent = `Here: ${people.join(", ")}`;
    element("room").hidden = false;
  });
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  name = element("name").value.trim();
  if (!name) return;
  element("sign-in").hidden = true;
  enter();
});

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("text").value;
  element("text").value = "";
  socket.emit("say", text);
  socket.emit("typing", false);
  show(`${name}: ${text}`, "own");
});

element("text").addEventListener("input", () => {
  if (!stopTyping) socket.emit("typing", true);
  clearTimeout(stopTyping);
  stopTyping = setTimeout(() => {
    stopTyping = undefined;
    socket.emit("typing", false);
  }, 300);
});

socket.on("said", (who, text) => show(`${who}: ${text}`, "said"));
socket.on("entered", (who, people) => {
  element("people").textContent = `Here: ${people.join(", ")}`;
  show(`${who} came in`, "note");
});
socket.on("left", (who, people) => {
  typists.delete(who);
  showTypists();
  element("people").textContent = `Here: ${people.join(", ")}`;
  show(`${who} went away`, "note");
});
socket.on("typing", (who, isTyping) => {
  if (isTyping) typists.add(who);
  else typists.delete(who);
  showTypists();
});

socket.on("disconnect", (reason) => show(`the connection is gone: ${reason}`, "note"));
socket.io.on("reconnect", (attempt) => {
  show(`back again after ${attempt} tries`, "note");
  if (name) enter();
});
