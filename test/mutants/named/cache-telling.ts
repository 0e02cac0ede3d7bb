import type { NamedMutant } from '../mutant.ts';

const METRICS = {
  file: 'src/consolidated/monitoring/cache-metrics.ts',
  tests: ['src/consolidated/monitoring/service-metrics.test.ts'],
} as const;
const UNRECALLED = {
  file: 'src/consolidated/cache/unrecalled.ts',
  tests: ['test/service/mistakes.test.ts'],
} as const;

/** What the cache tells of itself, and of mistakes in its options. */
export const CACHE_TELLING: readonly NamedMutant[] = [
  {
    ...METRICS,
    name: 'counts of the cache once',
    guard: 'What the cache has counted is counted once, however often the registry is asked.',
    symbol: 'CacheMetrics.#raise',
    find: 'value - (this.#shown.get(series) ?? 0)',
    replace: 'value',
  },
  {
    name: 'gaps are told once',
    guard: 'It is told when hearing of others ends and begins, and not while it only catches up.',
    file: 'src/consolidated/cache/change-listener.ts',
    symbol: 'ChangeListener.#tell',
    find: 'if (this.#told === change) return;',
    replace: '',
    tests: ['src/consolidated/cache/change-listener.test.ts'],
  },
  {
    ...UNRECALLED,
    name: 'cache of a write in a transaction',
    guard: 'What may write refuses the option cache inside a transaction too.',
    symbol: 'unrecalled',
    find: "isAsked && own(known(call.ready), 'recallable') === undefined",
    replace: 'false',
  },
  {
    name: 'public tables that are not',
    guard: 'Who calls a table public whose answers depend on claims is told that they are not shared.',
    file: 'src/consolidated/cache/cache-rules.ts',
    symbol: 'CacheRules.#found',
    find: 'this.#notPublic(catalog, read, role);',
    replace: '{}',
    tests: ['test/cache/public-tables.test.ts'],
  },
  {
    name: 'invalidation of a view',
    guard:
      'An invalidation by hand outdates what a write to the relation would: beneath a view, and by cascades.',
    file: 'src/consolidated/cache/service-cache.ts',
    symbol: 'ServiceCache.invalidate',
    find: "touched.add(this.rules.writtenTo(catalog, tables, 'cache.invalidate()'))",
    replace: "touched.add(tables.map((name) => 'public.' + name))",
    tests: ['test/cache/unknown-names.test.ts'],
  },
  {
    name: 'options of the cache library by own properties',
    guard: 'What somebody added to the prototype of all objects is no option of the library.',
    file: 'src/consolidated/cache/read-cache.ts',
    symbol: 'ReadCache',
    find: 'this.#kept.get(key, readingOptions<string, Kept>())',
    replace: 'this.#kept.get(key)',
    tests: ['test/injection/polluted-prototype.test.ts'],
  },
];
