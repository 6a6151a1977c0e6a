import { defineStore } from "pinia";
import { ref } from "vue";
import { useSocket } from "../../src/vue/index.js";

export const useChat = defineStore("chat", () => {
  // one connection for all components that use the store; without an address it is the plugin's
  const { instance, isConnected, addEventHandler, release } = useSocket();
  const lines = ref<string[]>([]);
  addEventHandler("line", (text: string) => lines.value.push(text));

  // the socket is not returned, so that Pinia neither watches nor serialises it
  return {
    lines,
    isConnected,
    release,
    say: (text: string) => instance.value.emit("line", text),
    ask: (question: string): Promise<string> => instance.value.emitWithAck("ask", question),
  };
});
