import type { NamedMutant } from '../mutant.ts';

const SQL = {
  file: 'src/consolidated/catalog/searchable-sql.ts',
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
    symbol: 'VECTOR_INDEXES',
    name: 'functions that hide those of pgvector',
    guard:
      'An index on an expression is known only if it calls the functions of pgvector, not others of their names.',
    find: "where p.pronamespace not in (s.extnamespace, 'pg_catalog'::regnamespace)",
    replace: 'where false',
  },
  {
    ...SQL,
    symbol: 'VECTOR_INDEXES',
    name: 'invalid vector indexes',
    guard: 'An index of pgvector that is not valid, as that of a part of the partitions, is not known.',
    find: 'and i.indisvalid',
    replace: '',
  },
  {
    ...SQL,
    symbol: 'INDEXED_COLUMNS',
    name: 'indexed columns of some parts',
    guard: 'A column is indexed if it is in all parts.',
    find: 'having count(distinct i.indrelid) = cardinality(parts.oids)',
    replace: '',
  },
  {
    ...SQL,
    symbol: 'VECTOR_INDEXES',
    name: 'vector indexes of some parts',
    guard: 'An index is known if each part has it.',
    find: 'having count(distinct i.indrelid) = cardinality(parts.oids)',
    replace: '',
  },
  {
    ...SQL,
    symbol: 'INDEXED_COLUMNS',
    name: 'partial indexes of columns',
    guard: 'A partial index leads to some rows only.',
    find: 'and i.indpred is null',
    replace: '',
  },
  {
    ...SQL,
    symbol: 'POLICY_COLUMNS',
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
