/** The largest `hnsw.ef_search` that pgvector takes. */
export const MAX_EF_SEARCH = 1000;

/** Candidates that an HNSW index keeps for a search that wants so many rows. */
export function efSearchFor(rows: number): number {
  return Math.min(MAX_EF_SEARCH, Math.max(40, 2 * rows));
}
