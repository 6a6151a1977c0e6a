/**
 * The floors of src/, from the top. Imports point down, types included; nothing goes round in a circle. docs/architecture.md says why.
 */
const floors = [
  {
    name: "entries",
    path: "src/((index|development|full|slim|cdn|cdn-full|defaults|react-native|webtransport)(\\.node)?\\.ts$|(delivery|durable|shared|reading|stats|stream|upload|doctor|recorder|inspector|react|vue)/index\\.ts$|(react|vue)/development\\.ts$|server/|test-kit/)",
  },
  { name: "adapters", path: "src/(react|vue)/(?!(index|development)\\.ts$)" },
  { name: "what adapters share", path: "src/adapters/" },
  { name: "io", path: "src/io\\.ts$" },
  { name: "node", path: "src/node/" },
  { name: "upload", path: "src/upload/(?!index\\.ts$)" },
  { name: "streams of a client", path: "src/stream/(client|follow)\\.ts$" },
  { name: "websocket mode", path: "src/websocket/" },
  { name: "inspector", path: "src/inspector/(?!index\\.ts$)" },
  { name: "recorder", path: "src/recorder/(?!index\\.ts$)" },
  { name: "doctor", path: "src/doctor/(?!index\\.ts$)" },
  { name: "contract", path: "src/contract/" },
  { name: "reading, stats", path: "src/(reading|stats)/(?!index\\.ts$)" },
  { name: "shared", path: "src/shared/(?!index\\.ts$)" },
  { name: "manager", path: "src/manager/" },
  { name: "socket", path: "src/socket/(?!event-types\\.ts$)" },
  { name: "durable", path: "src/durable/(?!index\\.ts$)" },
  { name: "types of events", path: "src/socket/event-types\\.ts$" },
  { name: "delivery", path: "src/delivery/(?!index\\.ts$)" },
  { name: "connection", path: "src/connection/" },
  { name: "pipeline", path: "src/pipeline/" },
  { name: "engine", path: "src/engine/" },
  { name: "transports", path: "src/transports/" },
  { name: "protocol", path: "src/protocol/" },
  { name: "platform", path: "src/platform/" },
  { name: "options", path: "src/options/" },
  {
    name: "stream engine",
    path: "src/stream/(frames|over-web-socket|receiver|sender|side|stream-table)\\.ts$",
  },
  { name: "ground", path: "src/(url|backoff|spread|emitter|machine|errors|async-iterator)\\.ts$" },
].map(({ name, path }) => ({ name, path: `^${path}` }));

const above = (index) => floors.slice(0, index).map(({ path }) => path);

const pointDown = floors.slice(1).map(({ name, path }, index) => ({
  name: `${name}: imports point down`,
  severity: "error",
  from: { path },
  to: { path: above(index + 1) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...pointDown,
    {
      name: "nobody imports an environment's entry",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/server/|^src/(react|vue)/development\\.ts$" },
      to: {
        path: "^src/(cdn|cdn-full|development|index\\.node|development\\.node)\\.ts$|^src/server/",
      },
    },
    {
      name: "the server shares the ground, the stream engine and the shapes of contracts with the client, and nothing else",
      severity: "error",
      from: { path: "^src/server/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/server/",
          "^src/(errors|machine|async-iterator)\\.ts$",
          "^src/stream/(frames|over-web-socket|receiver|sender|side|stream-table)\\.ts$",
          "^src/contract/(define-events|event-error|event-maps|standard-schema|validate)\\.ts$",
        ],
      },
    },
    {
      name: "the stream engine imports only ground",
      severity: "error",
      from: {
        path: "^src/stream/(frames|over-web-socket|receiver|sender|side|stream-table)\\.ts$",
      },
      to: { path: "^src/", pathNot: "^src/(stream/|(errors|machine|async-iterator)\\.ts$)" },
    },
    {
      name: "no cycle",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "every module has a floor",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/", pathNot: floors.map(({ path }) => path) },
    },
    {
      name: "every module that imports has a floor",
      severity: "error",
      from: { path: "^src/", pathNot: floors.map(({ path }) => path) },
      to: {},
    },
    {
      name: "each dependency is wrapped once",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [
          "^src/(backoff|emitter|test-kit/app-emitter)\\.ts$",
          "^src/(react|vue|server|node)/",
        ],
      },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-optional", "npm-no-pkg", "core"] },
    },
    {
      name: "everything is found",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // "react" is found in the folder of that entry before it is found in node_modules
    exclude: { path: "^dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".d.ts"],
    },
  },
};
