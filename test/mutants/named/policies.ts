import type { NamedMutant } from '../mutant.ts';

const OPENING = {
  file: 'supabase/cdb/0004_temporary_policies.sql',
  symbol: 'cdb.open_temporarily',
  tests: ['test/ops/open-temporarily.test.ts'],
} as const;

/** Policies that end by themselves, and what is recorded of changes. */
export const POLICIES: readonly NamedMutant[] = [
  {
    ...OPENING,
    name: 'the end is asked once a transaction',
    guard: 'A transaction that began before the end of a temporary policy reads no row after it.',
    find: "'pg_catalog.clock_timestamp() < %L::pg_catalog.timestamptz'",
    replace: "'pg_catalog.now() < %L::pg_catalog.timestamptz'",
  },
  {
    ...OPENING,
    name: 'the end is asked once a statement',
    guard: 'A statement that began before the end of a temporary policy reads no row after it.',
    find: "'pg_catalog.clock_timestamp() < %L::pg_catalog.timestamptz'",
    replace: "'pg_catalog.statement_timestamp() < %L::pg_catalog.timestamptz'",
  },
  {
    ...OPENING,
    name: 'a table is opened for more than a day',
    guard: 'A temporary policy ends within 24 hours.',
    find: "until > pg_catalog.clock_timestamp() + interval '24 hours'",
    replace: 'false',
  },
  {
    ...OPENING,
    name: 'a table is opened for anonymous callers',
    guard: 'A temporary policy is for callers who have not signed in only if that is said.',
    find: "if not even_anonymous and pg_catalog.pg_has_role('anon', holder.oid, 'usage') then",
    replace: 'if false then',
  },
  {
    name: 'answers of a temporary policy are kept',
    guard: 'Nothing that a temporary policy decides is cached, whatever the call states.',
    file: 'src/consolidated/cache/read-trace.ts',
    tests: ['test/cache/temporary-policy.test.ts'],
    symbol: 'ReadTrace',
    find: 'policy.name.startsWith(TEMPORARY_POLICY)',
    replace: 'false',
  },
];
