import { createTautline } from "../../src/vue/index.js";

// plugins/tautline.ts: on the server too, so that `useSocket()` finds it there; it opens nothing before the page is in a browser
export default defineNuxtPlugin((nuxtApp) => {
  nuxtApp.vueApp.use(createTautline(useRuntimeConfig().public.socketUrl));
});
