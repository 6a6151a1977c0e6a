import { createTautline } from "../../src/vue/index.js";

// plugins/tautline.ts: also on the server, so that `useSocket()` finds it there; it opens a connection only in a browser
export default defineNuxtPlugin((nuxtApp) => {
  nuxtApp.vueApp.use(createTautline(useRuntimeConfig().public.socketUrl));
});
