/** Files in chunks that resume: docs/upload.md. */
export { upload } from "./upload.js";
export type { Progress, Upload, UploadOptions } from "./upload.js";
export type { Uploadable } from "./sources.js";
export type { FollowOptions, StreamSocket } from "../stream/follow.js";
