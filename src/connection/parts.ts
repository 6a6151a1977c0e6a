import type { EngineParts } from "../engine/parts.js";
import type { NetworkSignals } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import type { CustomParser } from "../protocol/parser-codec.js";
import type { DeliveryPolicy, PolicyHost } from "../pipeline/policy.js";
import type { Vigil, Watched } from "./vigil.js";

/**
 * What a build is made of besides its core. An entry names what its bundle contains; what is missing costs nothing, and
 * an option that needs it is refused.
 */
export interface Parts extends EngineParts {
  /** Listens to the host's signals, and asks whether the connection is alive. */
  readonly signals?: (network: NetworkSignals | false | undefined, connection: Watched) => Vigil;
  /** The `parser` option. */
  readonly parser?: (parser: CustomParser) => Codec;
  /** The `retries` option. */
  readonly retries?: (
    host: PolicyHost,
    retries: number,
    inner: DeliveryPolicy | undefined,
  ) => DeliveryPolicy;
  /** Looks at the options as they were given, while an app is developed. */
  readonly checks?: (options: object) => void;
}
