import { row as emitObject } from "./01-emit-object.mjs";
import { row as emitString } from "./02-emit-string.mjs";
import { row as receive } from "./03-receive.mjs";
import { row as ack } from "./04-ack.mjs";
import { row as ackTimeout } from "./05-ack-timeout.mjs";
import { row as json } from "./06-json.mjs";
import { row as binary } from "./07-binary.mjs";
import { row as namespaces } from "./08-namespaces.mjs";
import { row as offlineAcks } from "./09-offline-acks.mjs";
import { row as offlineBuffer } from "./10-offline-buffer.mjs";
import { row as idleHeap } from "./11-idle-heap.mjs";
import { row as roundTrips } from "./12-round-trips.mjs";
import { row as upgradeAck } from "./13-upgrade-ack.mjs";
import { row as loopback } from "./14-loopback.mjs";
import { row as pollingPosts } from "./15-polling-posts.mjs";
import { row as bundle } from "./16-bundle.mjs";
import { row as slimBundle } from "./17-slim-bundle.mjs";
import { row as pollingBurst } from "./18-polling-burst.mjs";
import { row as evaluate } from "./19-evaluate.mjs";
import { row as idleTimers } from "./20-idle-timers.mjs";
import { row as upload } from "./21-upload.mjs";

export const rows = [
  emitObject,
  emitString,
  receive,
  ack,
  ackTimeout,
  json,
  binary,
  namespaces,
  offlineAcks,
  offlineBuffer,
  idleHeap,
  roundTrips,
  upgradeAck,
  loopback,
  pollingPosts,
  bundle,
  slimBundle,
  pollingBurst,
  evaluate,
  idleTimers,
  upload,
];
