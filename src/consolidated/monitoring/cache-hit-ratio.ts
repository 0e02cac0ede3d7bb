import type { CacheStats } from '../typed/cache-report.ts';

type CountedReads = Pick<CacheStats, 'hits' | 'stale' | 'shared' | 'misses'>;

/** Reads that asked for the cache and sent nothing, of those whose answers may be kept; undefined before the first one. */
export function cacheHitRatio({ hits, stale, shared, misses }: CountedReads): number | undefined {
  const found = hits + stale + shared;
  return found + misses === 0 ? undefined : found / (found + misses);
}
