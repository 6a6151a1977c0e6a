import { useState } from "react";
import { createRoot } from "react-dom/client";
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
    const key = String(Math.random());
    setOwn((all) => [...all, { key, text: draft, name: text("me") }]);
    setDraft("");
    // Written without a connection, it waits, and the answer comes when it has arrived.
    const { at } = await socket.emitWithAck("chat message", { key, text: draft });
    setOwn((all) => all.map((message) => (message.key === key ? { ...message, at } : message)));
  };

  const messages = [...heard.map(([message]) => message), ...own];
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
            <b>{message.name}</b> {message.text} {message.at ? "✓" : "…"}
          </li>
        ))}
      </ol>
    </div>
  );
}

export function mountReact(host, { url, text }) {
  createRoot(host).render(
    <SocketProvider url={url} auth={{ name: "React" }} query={{ client: "react" }}>
      <Chat text={text} />
    </SocketProvider>,
  );
}
