/** Settings for one batch, such as `['hnsw.ef_search', '200']`. */
export type BatchSettings = readonly (readonly [name: string, value: string])[];

/** Those of the planner: what they are good for is one statement, and they would slow others down. */
const OF_THE_PLANNER: ReadonlySet<string> = new Set(['jit', 'enable_seqscan', 'enable_sort']);

/**
 * One value for each setting of several statements in one batch: of numbers the largest, so that no search gets fewer
 * candidates. Those of the planner are left out unless all statements have them.
 */
export function mergedSettings(all: readonly (BatchSettings | undefined)[]): BatchSettings {
  const merged = new Map<string, string>();
  const times = new Map<string, number>();
  for (const [name, value] of all.flatMap((settings) => settings ?? [])) {
    const other = merged.get(name);
    if (other === undefined || Number(value) > Number(other)) merged.set(name, value);
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...merged].filter(([name]) => !OF_THE_PLANNER.has(name) || times.get(name) === all.length);
}

interface SettingCall {
  readonly text: string;
  readonly values: readonly string[];
}

/**
 * Sets them inside a transaction, where they hold until it ends, other than those of the planner: these are put back
 * behind the statement.
 */
export function setInside(settings: BatchSettings): { before: SettingCall; after: SettingCall | undefined } {
  const planner = settings.filter(([name]) => OF_THE_PLANNER.has(name));
  const kept = planner.map(
    ([name]) => `pg_catalog.set_config('cdb.${name}', pg_catalog.current_setting('${name}'), true)`,
  );
  const set = settings.map((_, i) => `pg_catalog.set_config($${i * 2 + 1}, $${i * 2 + 2}, true)`);
  const back = planner.map(
    ([name]) => `pg_catalog.set_config('${name}', pg_catalog.current_setting('cdb.${name}'), true)`,
  );
  return {
    before: { text: `select ${[...kept, ...set].join(', ')}`, values: settings.flat() },
    after: back.length === 0 ? undefined : { text: `select ${back.join(', ')}`, values: [] },
  };
}
