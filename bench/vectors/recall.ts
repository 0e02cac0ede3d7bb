/** The rows nearest to a query, nearest first, with all that are as far as the last. */
export interface Truth {
  readonly ids: readonly number[];
  readonly distances: readonly number[];
}

/** Rows that a search with this limit must find. */
export function rowsWanted({ ids }: Pick<Truth, 'ids'>, limit: number): number {
  return Math.min(limit, ids.length);
}

/**
 * Share of the wanted rows that were found. Of rows that are equally far, any will do. A row that was found twice counts
 * once. 1 where there is nothing to find.
 */
export function recallOf(found: readonly number[], truth: Truth, limit: number): number {
  const wanted = rowsWanted(truth, limit);
  if (wanted === 0) return 1;
  const farthest = truth.distances[wanted - 1]!;
  const right = new Set(truth.ids.filter((_, at) => truth.distances[at]! <= farthest));
  const hits = new Set(found.slice(0, limit).filter((id) => right.has(id)));
  return hits.size / wanted;
}
