import type { StatementKind } from '../../contract/statement.ts';

/** Settings for one batch, such as `['hnsw.ef_search', '200']`. */
export type BatchSettings = readonly (readonly [name: string, value: string])[];

/** Those of the planner: what they are good for is one statement, and they would slow others down. */
const OF_THE_PLANNER: ReadonlySet<string> = new Set([
  'jit',
  'enable_seqscan',
  'enable_sort',
  'plan_cache_mode',
]);

/**
 * What pgvector does by itself, by its documentation, with its indexes asked for more rows while they come in order. A search of ours
 * sorts what comes out of order; a function or a trigger relies on the index.
 */
const UNSORTED: ReadonlyMap<string, string> = new Map([
  ['hnsw.iterative_scan', 'strict_order'],
  ['ivfflat.iterative_scan', 'off'],
]);
const LEAST: ReadonlyMap<string, number> = new Map([
  ['hnsw.ef_search', 40],
  ['hnsw.max_scan_tuples', 20_000],
]);

/** A statement of a batch. */
interface Settled {
  readonly kind: StatementKind;
  readonly settings: BatchSettings | undefined;
}

/**
 * One value for each setting of several statements in one batch: of numbers the largest, so that no search gets fewer
 * candidates. Those of the planner are left out unless all statements have them. Beside a statement that may run code of the
 * database, no index answers out of order.
 */
export function mergedSettings(all: readonly Settled[]): BatchSettings {
  const merged = new Map<string, string>();
  const times = new Map<string, number>();
  for (const [name, value] of all.flatMap(({ settings }) => settings ?? [])) {
    const other = merged.get(name);
    if (other === undefined || Number(value) > Number(other)) merged.set(name, value);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  if (merged.size === 0) return NONE;
  const kept = [...merged].filter(([name]) => !OF_THE_PLANNER.has(name) || times.get(name) === all.length);
  return all.some(mayRunCode) ? kept.map(fitForAll) : kept;
}

const NONE: BatchSettings = [];

function mayRunCode({ kind, settings }: Settled): boolean {
  return settings === undefined && kind !== 'select' && kind !== 'count';
}

function fitForAll([name, value]: BatchSettings[number]): BatchSettings[number] {
  const least = LEAST.get(name);
  return [name, least === undefined ? (UNSORTED.get(name) ?? value) : String(Math.max(least, Number(value)))];
}

interface SettingCall {
  readonly text: string;
  readonly values: readonly string[];
}

/**
 * Sets them inside a transaction for one statement, and puts back what they were behind it. One that the server does not know
 * yet, because the library that it belongs to is not loaded, gets its default.
 */
export function setInside(settings: BatchSettings): { before: SettingCall; after: SettingCall } {
  const kept = settings.map(
    ([name]) =>
      `pg_catalog.set_config('cdb.${name}', coalesce(pg_catalog.current_setting('${name}', true), ''), true)`,
  );
  const set = settings.map((_, i) => `pg_catalog.set_config($${i * 2 + 1}, $${i * 2 + 2}, true)`);
  const back = settings.map(
    ([name]) =>
      `pg_catalog.set_config('${name}', nullif(pg_catalog.current_setting('cdb.${name}'), ''), true)`,
  );
  return {
    before: { text: `select ${[...kept, ...set].join(', ')}`, values: settings.flat() },
    after: { text: `select ${back.join(', ')}`, values: [] },
  };
}
