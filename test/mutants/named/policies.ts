import type { NamedMutant } from '../mutant.ts';

const OPENING = {
  file: 'supabase/cdb/0004_temporary_policies.sql',
  symbol: 'cdb.open_temporarily',
  tests: ['test/ops/open-temporarily.test.ts'],
} as const;

const AUDIT = { file: 'supabase/cdb/0003_audit.sql', tests: ['test/ops/audit.test.ts'] } as const;

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
  {
    name: 'answers are kept while a changed catalog is read',
    guard:
      'What is read while the catalog is read of which another process says that it changed is not kept.',
    file: 'src/consolidated/cache/service-cache.ts',
    tests: ['test/cache/temporary-policy.test.ts'],
    symbol: 'ServiceCache.keepNothingDuring',
    find: 'return this.#cache.generations.hold(work);',
    replace: 'return work.then(() => undefined);',
  },
  {
    ...AUDIT,
    name: 'excluded values are kept',
    guard: 'The values of excluded columns are nowhere in the audit.',
    symbol: 'cdb.kept_columns',
    find: 'where e.key <> all (excluded)',
    replace: '',
  },
  {
    ...AUDIT,
    name: 'a mistyped column is excluded',
    guard: 'A column to exclude that the table does not have is an error.',
    symbol: 'cdb.audit_table',
    find: 'if missing is not null then',
    replace: 'if false then',
  },
  {
    ...AUDIT,
    name: 'all claims are kept',
    guard: 'Of the claims only those are kept that are fit for it.',
    symbol: 'cdb.add_audit',
    find: "'role', given -> 'role',",
    replace: "'all', given, 'role', given -> 'role',",
  },
  {
    ...AUDIT,
    name: 'changes are recorded with the rights of the caller',
    guard: 'A change is recorded whoever makes it.',
    symbol: 'cdb.record_change',
    find: 'language plpgsql volatile security definer\nset search_path',
    replace: 'language plpgsql volatile\nset search_path',
  },
  {
    ...OPENING,
    name: 'the end in a zone of the same name',
    guard: 'A temporary policy ends at the time that was said, whatever the session calls zones.',
    find: "set datestyle = 'ISO' set timezone = 'UTC' as",
    replace: 'as',
  },
  {
    ...AUDIT,
    name: 'changes of the text alone',
    guard: 'A change that means the same as jsonb is recorded.',
    symbol: 'cdb.record_change',
    find: '(old_texts -> e.key)::pg_catalog.text is distinct from e.value::pg_catalog.text',
    replace: '(old_row -> e.key) is distinct from e.value::pg_catalog.jsonb',
  },
];
