import { useState } from "react";
import { createRoot } from "react-dom/client";
import { atLeastOnce } from "tautline/delivery";
import { SocketProvider, useEvents, useSocket, useSocketState } from "tautline/react";

// #region
function Chat({ text }) {
  const { socket, isConnected } = useSocket();
  const { transport, attempt } = useSocketState(socket);
  const heard = useEvents(socket, "chat message", { limit: 50 });
  const [own, setOwn] = useState([]);
  const [draft, setDraft] = useState("");

  const send = async (event) => {
    event.preventDefault();
    const words = draft.trim();
    if (words === "") return;
    const key = String(Math.random());
    setOwn((all) => [...all, { key, text: words, name: text("me") }]);
    setDraft("");
    // Without a connection, or lost with it, it waits and is sent again. The answer comes when it has arrived.
    const { at, ok } = await socket.emitWithAck("chat message", { key, text: words });
    const state = ok ? "✓" : text("refused");
    setOwn((all) =>
      all.map((message) => (message.key === key ? { ...message, at, state } : message)),
    );
  };

  const messages = [...heard.map(([message]) => ({ ...message, state: "✓" })), ...own];
  return (
    <>
      <p className="connection" data-connected={isConnected}>
        {isConnected ? transport : text("away", { attempt: attempt ?? 0 })}
      </p>
      <Messages messages={messages} label={text("messages")} empty={text("nothing")} />
      <form className="row" onSubmit={send}>
        <label className="field grow">
          <span>{text("words")}</span>
          <input
            value={draft}
            required
            maxLength={500}
            onChange={(event) => setDraft(event.target.value)}
          />
        </label>
        <button>{text("send")}</button>
      </form>
    </>
  );
}
// #endregion

function Messages({ messages, label, empty }) {
  const byTime = messages.toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity));
  return (
    <div role="log" aria-label={label}>
      <ol className="log small" aria-label={label} data-empty={empty} tabIndex={0}>
        {byTime.map((message) => (
          <li key={message.key}>
            <b>
              <bdi>{message.name}</bdi>
            </b>{" "}
            <bdi>{message.text}</bdi> {message.state ?? "…"}
          </li>
        ))}
      </ol>
    </div>
  );
}

// what is sent again is put into the room once, by its key
const options = { auth: { name: "React" }, query: { client: "react" }, delivery: atLeastOnce() };

export function mountReact(host, { url, text }) {
  createRoot(host).render(
    <SocketProvider url={url} {...options}>
      <Chat text={text} />
    </SocketProvider>,
  );
}
