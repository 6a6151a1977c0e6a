import { io } from "socket.io-client";

const element = (id: string): HTMLElement => document.getElementById(id)!;

element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = (element("name") as HTMLInputElement).value;
  const token = await (await fetch("/token", { method: "POST", body })).text();

  const socket = io({ extraHeaders: { authorization: `bearer ${token}` } });
  socket.on("connect", () => {
    const { engine } = socket.io;
    const show = (): string => (element("transport").textContent = engine.transport.name);
    show();
    engine.on("upgrade", show);
    socket.emit("who", (name: string) => (element("state").textContent = `signed in as ${name}`));
  });
  socket.on("connect_error", (error) => {
    element("state").textContent = `refused: ${error.message}`;
  });
});
