/** The navigation: every page of `docs/`, in groups. Decisions (`adr/`) have a page of their own that lists them. */
export const groups = [
  [
    "Start",
    ["README", "tutorial", "tutorial.zh-CN", "concepts", "installing", "migrating", "comparison"],
  ],
  ["Connections", ["transports", "reconnection", "auth", "deployment", "security"]],
  ["Packets", ["delivery", "durable", "shared", "contracts", "streams", "upload", "websocket"]],
  ["Frameworks", ["react", "vue", "frameworks", "ssr", "typescript"]],
  ["Hosts", ["workers", "node", "react-native", "hosts"]],
  ["When something is wrong", ["troubleshooting", "errors", "doctor", "recorder", "testing"]],
  ["Reference", ["api", "performance", "spec", "states", "architecture"]],
];
