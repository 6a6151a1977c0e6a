/** The value below which the fraction `q` (0 to 1) of the samples lies, interpolated. */
export function quantile(samples, q) {
  if (samples.length === 0) throw new Error("a quantile needs at least one sample");
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

export function median(samples) {
  return quantile(samples, 0.5);
}

/** Half of the distance between the quartiles, as a fraction of the median: how far rounds disagree. */
export function spread(samples) {
  const middle = median(samples);
  if (middle === 0) return 0;
  return (quantile(samples, 0.75) - quantile(samples, 0.25)) / 2 / Math.abs(middle);
}
