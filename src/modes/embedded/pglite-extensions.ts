/** Those that PGlite ships of Supabase's, by their module below `@electric-sql/pglite/contrib`. */
const MODULES: ReadonlyMap<string, string> = new Map(
  [
    'amcheck',
    'bloom',
    'btree_gin',
    'btree_gist',
    'citext',
    'cube',
    'dict_int',
    'dict_xsyn',
    'earthdistance',
    'fuzzystrmatch',
    'hstore',
    'intarray',
    'isn',
    'lo',
    'ltree',
    'moddatetime',
    'pg_stat_statements',
    'pg_trgm',
    'pg_walinspect',
    'pgcrypto',
    'seg',
    'tablefunc',
    'tcn',
    'tsm_system_rows',
    'tsm_system_time',
    'unaccent',
    'uuid-ossp',
  ].map((name) => [name, name.replace('-', '_')]),
);

/** Further extensions that come in one of these modules, and what an extension needs. */
const ALSO: ReadonlyMap<string, string> = new Map([
  ['autoinc', 'moddatetime'],
  ['insert_username', 'moddatetime'],
  ['refint', 'moddatetime'],
  ['earthdistance', 'cube'],
]);

/** Created by bootstrap.sql, as on Supabase. */
const PREINSTALLED: readonly string[] = ['uuid-ossp', 'pgcrypto'];

/**
 * The modules to open PGlite with: all of them take half a second of CPU time, so in memory only those that the scripts
 * name. Kept data may use any: what an earlier run created is not in its scripts.
 */
export function contribModules(scripts: readonly string[], keepsData: boolean): readonly string[] {
  if (keepsData) return [...MODULES.values()];
  const words = new Set(scripts.flatMap((script) => script.toLowerCase().match(/[\w-]+/g) ?? []));
  const names = [...MODULES.keys(), ...ALSO.keys()].filter(
    (name) => PREINSTALLED.includes(name) || words.has(name),
  );
  return [...new Set(names.flatMap((name) => [name, ALSO.get(name) ?? name]))].flatMap(
    (name) => MODULES.get(name) ?? [],
  );
}
