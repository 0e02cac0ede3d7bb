/** Middle value; the mean of the two middle ones for an even number. Throws on an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('An empty list has no median.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that at least `share` of all values do not exceed. `sorted` ascends and is not empty. */
export function percentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) throw new RangeError('An empty list has no percentile.');
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** The items, starting with another one each round, so that none always follows the same idle time. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const by = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(by), ...items.slice(0, by)];
}
