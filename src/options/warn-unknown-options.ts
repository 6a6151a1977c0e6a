/** All options of `io()`, and those of socket.io-client that mean something in Node only. */
const KNOWN = `
  ackTimeout addTrailingSlash addresses agent auth autoConnect autoUnref binaryType buffer ca cert ciphers closeOnBeforeunload
  delivery extraHeaders fallbackDelay forceBase64 forceNew host hostname key maxAttachments
  maxPacketsPerRequest minUptime multiplex network outbox parser passphrase path perMessageDeflate pfx port
  probeTimeout protocols query randomizationFactor reconnection reconnectionAttempts reconnectionDelay
  reconnectionDelayMax rejectUnauthorized rememberUpgrade requestTimeout retries retryConnectError secure share
  timeout timestampParam timestampRequests transportOptions transports tryAllTransports upgrade
  useNativeTimers withCredentials`
  .trim()
  .split(/\s+/);

const told = new Set<string>();

/**
 * For development: a console warning for each unknown option that resembles a known one, once for each name. Others are
 * ignored, because a custom transport may have options of its own.
 *
 * @param options - as they were handed to `io()`
 * @param known - names of options
 */
export function warnUnknownOptions(options: object, known: readonly string[] = KNOWN): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name) || told.has(name)) continue;
    const nearest = nearestOf(name, known);
    if (nearest === undefined || options[name as never] === undefined) continue;
    told.add(name);
    // eslint-disable-next-line no-console -- development builds only
    console.warn(`tautline: there is no option "${name}". Is "${nearest}" meant?`);
  }
}

/** The known name that is fewest changes away, when those are less than half of it. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, name.length / 2);
  for (const candidate of known) {
    const changes = distance(name.toLowerCase(), candidate.toLowerCase());
    if (changes >= least) continue;
    least = changes;
    nearest = candidate;
  }
  return nearest;
}

/** How many letters have to be put in, taken out or exchanged to make one text of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const exchanged = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
