import type { NamedMutant } from '../mutant.ts';

const SQL = {
  file: 'src/consolidated/catalog/searchable-sql.ts',
  symbol: 'SEARCHABLE_FIELD',
  tests: ['test/catalog/searchable.test.ts'],
} as const;
const LINK = {
  file: 'src/consolidated/catalog/vector-index.ts',
  symbol: 'linkVectorIndex',
  tests: ['test/catalog/searchable.test.ts'],
} as const;

/** What a search by vectors may go by. */
export const SEARCHABLE: readonly NamedMutant[] = [
  {
    ...SQL,
    name: 'functions that hide those of pgvector',
    guard:
      'An index on an expression is known only if it calls the functions of pgvector, not others of their names.',
    find: "where p.pronamespace not in (s.extnamespace, 'pg_catalog'::regnamespace)",
    replace: 'where false',
  },
  {
    ...SQL,
    name: 'invalid vector indexes',
    guard: 'An index of pgvector that is not valid, as that of a part of the partitions, is not known.',
    find: 'i.indisvalid -- A function may',
    replace: 'true -- A function may',
  },
  {
    ...SQL,
    name: 'indexed columns of some tables',
    guard: 'Where tables inherit, no index leads to the rows of all of them.',
    find: 'and not s.has_children',
    replace: '',
  },
  {
    ...SQL,
    name: 'partial indexes of columns',
    guard: 'A partial index leads to some rows only.',
    find: 'and i.indisvalid and i.indpred is null',
    replace: 'and i.indisvalid',
  },
  {
    ...SQL,
    name: 'policies for reading',
    guard: 'Policies for writing do not narrow a search.',
    find: "and p.polcmd in ('r', '*')",
    replace: '',
  },
  {
    ...LINK,
    name: 'vector indexes of another type',
    guard: 'An index of another type than a search compares is not known.',
    find: 'type === undefined || operand !== (OPERANDS[form.kind] ?? type)',
    replace: 'type === undefined',
  },
];
