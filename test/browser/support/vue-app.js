/* An app for adapter-site.ts. `live` is for the test: what was counted, and what can be done. */
import { createApp, h, nextTick, ref, version } from "vue";
import { createTautline, useSocket, useSocketEvent, useWebSocket } from "tautline/vue";

const live = (globalThis.live = { version, heard: [], renders: 0, log: [] });

const Numbers = {
  setup() {
    const { instance, addEventHandler, connect, release } = useSocket(undefined, {
      onConnected: () => live.log.push("connected"),
      onDisconnected: (reason) => live.log.push(reason),
    });
    const last = ref(-1);
    useSocketEvent(instance, "n", (n) => live.heard.push(n));
    addEventHandler("n", (n) => (last.value = n));
    Object.assign(live, { connect, release });
    live.burst = (count) => instance.value.emit("burst", count);
    return () => {
      live.renders++;
      return h("p", { id: "last" }, last.value);
    };
  },
};

const State = {
  setup() {
    const { isConnected, state, transport, instance } = useSocket();
    live.disconnect = () => instance.value.disconnect();
    return () => h("p", { id: "state" }, [isConnected.value, state.value, transport.value].join());
  },
};

const Plain = {
  setup() {
    const { data, status, send } = useWebSocket(location.href.replace("http", "ws") + "plain");
    live.say = send;
    return () => h("p", { id: "plain" }, `${status.value} ${data.value}`);
  },
};

const page = ref(0);
live.go = async (to) => {
  page.value = to;
  await nextTick();
};

const app = createApp(() => [
  h("main", { key: page.value }, [h(Numbers), h(State)]),
  page.value === "away" ? null : h(Plain),
]);
// the browser would complain of a WebSocket that polling has overtaken
app.use(createTautline(location.href, { linger: 100, fallbackDelay: Infinity }));
app.mount("#app");
live.unmount = () => app.unmount();
