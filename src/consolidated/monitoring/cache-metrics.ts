import type { CacheStats } from '../typed/cache-report.ts';
import type { MetricSet } from './metric-set.ts';

type Labels = Readonly<Record<string, string>>;
type CounterKey =
  | 'cacheReads'
  | 'cacheRefusedReads'
  | 'cacheInvalidations'
  | 'cacheEvictions'
  | 'cacheSecondLevelReads'
  | 'cacheSecondLevelKept'
  | 'cacheSecondLevelRejected'
  | 'cacheSecondLevelFailures';

/** Shows what the cache of one service has counted itself, so that a hit costs nothing more. */
export class CacheMetrics {
  readonly #metrics: MetricSet['metrics'];
  readonly #service: string;
  readonly #stats: () => CacheStats;
  /** What the registry has got, by metric and labels. */
  readonly #shown = new Map<string, number>();

  constructor({ metrics }: MetricSet, service: string, stats: () => CacheStats) {
    this.#metrics = metrics;
    this.#service = service;
    this.#stats = stats;
  }

  show(): void {
    const stats = this.#stats();
    this.count(stats);
    const { cacheEntries, cacheBytes, cacheMaxBytes, cacheListening, cacheSecondLevelWorking } =
      this.#metrics;
    const own = { service: this.#service };
    cacheEntries.set(own, stats.entries);
    cacheBytes.set(own, stats.bytes);
    cacheMaxBytes.set(own, stats.maxBytes);
    if (stats.listening !== undefined) cacheListening.set(own, stats.listening ? 1 : 0);
    if (stats.secondLevel !== undefined) cacheSecondLevelWorking.set(own, stats.secondLevel.working ? 1 : 0);
  }

  /** Counters stay when a service is closed, with all that it has counted. */
  count(stats = this.#stats()): void {
    const { hits, stale, shared, misses, refused, evictions, invalidations, secondLevel } = stats;
    const results = { hit: hits, stale, shared, miss: misses };
    for (const [result, value] of Object.entries(results)) this.#raise('cacheReads', { result }, value);
    for (const [reason, value] of Object.entries(refused)) {
      this.#raise('cacheRefusedReads', { reason }, value);
    }
    for (const [cause, value] of Object.entries(invalidations)) {
      this.#raise('cacheInvalidations', { cause }, value);
    }
    this.#raise('cacheEvictions', {}, evictions);
    if (secondLevel === undefined) return;
    this.#raise('cacheSecondLevelReads', { result: 'hit' }, secondLevel.hits);
    this.#raise('cacheSecondLevelReads', { result: 'miss' }, secondLevel.misses);
    this.#raise('cacheSecondLevelKept', {}, secondLevel.kept);
    this.#raise('cacheSecondLevelRejected', {}, secondLevel.rejected);
    this.#raise('cacheSecondLevelFailures', {}, secondLevel.failures);
  }

  #raise(key: CounterKey, labels: Labels, value: number): void {
    const series = `${key} ${Object.values(labels).join()}`;
    this.#metrics[key].inc({ service: this.#service, ...labels }, value - (this.#shown.get(series) ?? 0));
    this.#shown.set(series, value);
  }
}
