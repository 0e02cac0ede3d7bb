import type { Meter } from '@opentelemetry/api';
import type { CacheStats } from '../typed/cache-report.ts';
import { cacheHitRatio } from './cache-hit-ratio.ts';

const RESULT = 'consolidated_db.cache.result';

/** Shows what the cache has counted itself whenever the meter is read, so that a hit costs nothing more. */
export function observeCache(meter: Meter, stats: () => CacheStats | undefined): void {
  meter.createObservableCounter('consolidated_db.cache.reads', { unit: '{read}' }).addCallback((result) => {
    const now = stats();
    if (now === undefined) return;
    result.observe(now.hits, { [RESULT]: 'hit' });
    result.observe(now.stale, { [RESULT]: 'stale' });
    result.observe(now.shared, { [RESULT]: 'shared' });
    result.observe(now.misses, { [RESULT]: 'miss' });
  });
  meter.createObservableGauge('consolidated_db.cache.hit_ratio', { unit: '1' }).addCallback((result) => {
    const now = stats();
    const ratio = now && cacheHitRatio(now);
    if (ratio !== undefined) result.observe(ratio);
  });
  const observe = (name: string, unit: string, of: (now: CacheStats) => number): void =>
    meter.createObservableUpDownCounter(name, { unit }).addCallback((result) => {
      const now = stats();
      if (now !== undefined) result.observe(of(now));
    });
  observe('consolidated_db.cache.entries', '{entry}', ({ entries }) => entries);
  observe('consolidated_db.cache.size', 'By', ({ bytes }) => bytes);
  observe('consolidated_db.cache.max_size', 'By', ({ maxBytes }) => maxBytes);
}
