/** A web component that shows a recording of `tautline/recorder`. */
export { defineInspector } from "./element.js";
export type { InspectorElement } from "./element.js";
