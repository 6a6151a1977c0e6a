import { textOf } from "../untrusted.mjs";

/** The server sees one client, however many tabs there are. */
export function create() {
  return { open };
}

function open({ io }) {
  const tabs = io.of("/tabs");
  // #region
  tabs.on("connection", (socket) => {
    const tellClients = async () => tabs.emit("clients", (await tabs.fetchSockets()).length);
    tellClients();
    socket.on("disconnect", tellClients);
    // To all tabs, the speaker's too: they are one client.
    socket.on("say", (words) => tabs.emit("said", textOf(words, 500)));
  });
  // #endregion
}
