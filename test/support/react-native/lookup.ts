import type { LookupFunction } from "node:net";

/** A device's DNS: all names are this machine. To the client they are hosts elsewhere, which need a network. */
export const lookup: LookupFunction = (_name, { all }, found) => {
  if (all) found(null, [{ address: "127.0.0.1", family: 4 }]);
  else found(null, "127.0.0.1", 4);
};
