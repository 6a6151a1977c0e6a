import { createApp, h, ref } from "vue";
import { atLeastOnce } from "tautline/delivery";
import { createTautline, useSocket } from "tautline/vue";

// #region
const Chat = {
  props: ["text"],
  setup({ text }) {
    const { instance, isConnected, transport, attempt, addEventHandler } = useSocket();
    const messages = ref([]);
    const draft = ref("");
    addEventHandler("chat message", (message) => messages.value.push({ ...message, state: "✓" }));

    const send = async (event) => {
      event.preventDefault();
      const words = draft.value.trim();
      if (words === "") return;
      messages.value.push({ key: String(Math.random()), text: words, name: text("me") });
      const message = messages.value.at(-1);
      draft.value = "";
      // Without a connection, or lost with it, it waits and is sent again. The answer comes when it has arrived.
      const { ok } = await instance.value.emitWithAck("chat message", {
        key: message.key,
        text: message.text,
      });
      message.state = ok ? "✓" : text("refused");
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
          messages.value.map(({ key, name, text, state = "…" }) =>
            h("li", { key }, [h("b", h("bdi", name)), " ", h("bdi", text), ` ${state}`]),
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
  const options = { auth: { name: "Vue" }, query: { client: "vue" }, delivery: atLeastOnce() };
  createApp(Chat, { text }).use(createTautline(url, options)).mount(host);
}
