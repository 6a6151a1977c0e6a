import { io } from "socket.io-client";

// in an app this is in its configuration
const settings = new URLSearchParams(location.search);
const server = settings.get("server") ?? "";
const transport = settings.get("transport");

const element = (id: string): HTMLElement => document.getElementById(id)!;
const show = (text: string): string => (element("state").textContent = text);
const post = (path: string, body = ""): Promise<Response> =>
  fetch(server + path, { method: "POST", credentials: "include", body });

const socket = io(server, {
  withCredentials: true,
  ...(transport && { transports: [transport] }),
});

socket.on("connect", () => {
  socket.emit("who", (name: string, visits: number) => {
    show(`signed in as ${name}`);
    element("visits").textContent = String(visits);
  });
});
socket.on("connect_error", (error) => show(`refused: ${error.message}`));
socket.on("disconnect", (reason) => show(`gone: ${reason}`));

element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  await post("/sign-in", (element("name") as HTMLInputElement).value);
  socket.disconnect().connect();
});
element("sign-out").addEventListener("click", () => void post("/sign-out"));
