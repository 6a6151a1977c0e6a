/** What the simulator shows: the client and the test kit, as they are built. The demo's server bundles it. */
export { atLeastOnce, exactlyOnce } from "tautline/delivery";
export { record } from "tautline/recorder";
export { dedupe } from "tautline/server";
export { explore, faultsOf, network } from "tautline/test";
