import { createApp, h, ref } from "vue";
import { createTautline, useSocket } from "tautline/vue";

// #region
const Chat = {
  props: ["text"],
  setup({ text }) {
    const { instance, isConnected, transport, attempt, addEventHandler } = useSocket();
    const messages = ref([]);
    const draft = ref("");
    addEventHandler("chat message", (message) => messages.value.push(message));

    const send = async (event) => {
      event.preventDefault();
      messages.value.push({ key: String(Math.random()), text: draft.value, name: text("me") });
      const message = messages.value.at(-1);
      draft.value = "";
      // Written without a connection, it waits, and the answer comes when it has arrived.
      const { at } = await instance.value.emitWithAck("chat message", {
        key: message.key,
        text: message.text,
      });
      message.at = at;
    };

    // A render function: templates would have to be compiled, which this site has no step for.
    return () => [
      h(
        "p",
        { class: "connection", "data-connected": isConnected.value },
        isConnected.value ? transport.value : text("away", { attempt: attempt.value ?? 0 }),
      ),
      h(
        "div",
        { role: "log", "aria-label": text("messages") },
        h(
          "ol",
          {
            class: "log small",
            "aria-label": text("messages"),
            "data-empty": text("nothing"),
            tabindex: 0,
          },
          messages.value.map(({ key, name, text, at }) =>
            h("li", { key }, [h("b", name), ` ${text} `, at ? "✓" : "…"]),
          ),
        ),
      ),
      h("form", { class: "row", onSubmit: send }, [
        h("label", { class: "field grow" }, [
          h("span", text("words")),
          h("input", {
            value: draft.value,
            required: true,
            maxlength: 500,
            onInput: ({ target }) => (draft.value = target.value),
          }),
        ]),
        h("button", text("send")),
      ]),
    ];
  },
};
// #endregion

/** With a query of its own, or it would share React's connection: same address, same options. */
export function mountVue(host, { url, text }) {
  createApp(Chat, { text })
    .use(createTautline(url, { auth: { name: "Vue" }, query: { client: "vue" } }))
    .mount(host);
}
