import type { App } from "vue";

/** What Nuxt imports by itself, as far as the recipe needs it. */
declare global {
  function defineNuxtPlugin<T>(plugin: (nuxtApp: { vueApp: App }) => T): unknown;
  function useRuntimeConfig(): { public: { socketUrl: string } };
}
