import type { NamedMutant } from '../mutant.ts';

const PLAN = { tests: ['test/vectors/covering-plan.test.ts'] } as const;
const SERVING = {
  ...PLAN,
  file: 'src/consolidated/vectors/covering-index.ts',
  symbol: 'coveringIndexes',
} as const;
const KEY = { ...PLAN, file: 'src/consolidated/vectors/covering-index.ts', symbol: 'readableKeys' } as const;
const COUNT = {
  file: 'src/consolidated/vectors/search-sql.ts',
  tests: ['test/vectors/covering-index.test.ts'],
} as const;
const SQL = {
  file: 'src/consolidated/catalog/searchable-sql.ts',
  symbol: 'COVERING_INDEXES',
  tests: ['test/catalog/searchable.test.ts'],
} as const;

/** Indexes that hold the vectors. */
export const COVERING_INDEX: readonly NamedMutant[] = [
  {
    ...SERVING,
    name: 'a covering index that another column leads',
    guard: 'An index that leads to none of the rows that pass changes no search.',
    find: "deciding.has(columns[0] ?? '') &&",
    replace: '',
  },
  {
    ...SERVING,
    name: 'a covering index without a column that decides',
    guard:
      'An index without a column of the filter or of a policy, for which the table would be read, changes no search.',
    find: '[asked.column.name, ...deciding, ...namesIn(asked.apart, shape)]',
    replace: '[asked.column.name]',
  },
  {
    ...SERVING,
    name: 'many rows by a covering index, one by one',
    guard: 'Where many rows are asked for, they are not looked up one by one.',
    find: 'if (asked.limit > MOST_READ) return undefined;',
    replace: '',
  },
  {
    ...PLAN,
    name: 'rows of a covering index, joined as a whole',
    guard: 'The rows of an answer are looked up, whatever the planner takes their number for.',
    file: 'src/consolidated/vectors/search-sql.ts',
    symbol: 'wholeRows',
    find: ' limit 1',
    replace: '',
  },
  {
    ...KEY,
    name: 'a key of a covering index that the role may not read',
    guard: 'No search reads a key that its role may not read.',
    find: '&& mayName(scope, name)',
    replace: '',
  },
  {
    ...KEY,
    name: 'a key of a covering index that may be null',
    guard: 'A row whose key is null is not lost where the rows of an answer are read by their key.',
    find: '&& !column?.nullable',
    replace: '',
  },
  {
    ...PLAN,
    name: 'a plan by the covering index of another role',
    guard: 'A plan by a key that one role may read is not used for another one.',
    file: 'src/consolidated/vectors/search-way.ts',
    symbol: 'searchWay',
    find: "covering === undefined ? '' : JSON.stringify(covering)",
    replace: "''",
  },
  {
    ...COUNT,
    name: 'a lost right on the key of a covering index',
    guard: 'A role that has lost its right on the key finds what it found before.',
    file: 'src/consolidated/call/attempts.ts',
    symbol: 'isKeyRefused',
    find: "own(ready, 'readsKey') === true",
    replace: 'false',
  },
  {
    ...COUNT,
    symbol: 'coveredCounts',
    name: 'entries of a covering index, uncounted',
    guard: 'That few rows become many is noticed where Postgres reads them from an index alone.',
    find: '[counted([RETURNED], covering.oids), counted([FETCHED], tables)]',
    replace: '[counted([FETCHED], tables), counted([FETCHED], tables)]',
  },
  {
    ...COUNT,
    symbol: 'coveredSince',
    name: 'rows of a bitmap of a covering index, counted twice',
    guard: 'A row that a bitmap of the index leads to is told once.',
    find: 'greatest(',
    replace: 'pg_catalog.int8pl(',
  },
  {
    ...SQL,
    name: 'covering indexes of some rows',
    guard: 'A partial index is not known as one that holds the vectors of all rows.',
    find: 'and i.indpred is null',
    replace: '',
  },
  {
    ...SQL,
    name: 'invalid covering indexes',
    guard: 'An index that failed when it was built is not known as one that holds the vectors.',
    find: 'and i.indisvalid',
    replace: '',
  },
  {
    ...SQL,
    name: 'covering indexes of a table with parts',
    guard: 'An index of a table that others inherit from is not known as one that holds all vectors.',
    find: 'and cardinality(parts.oids) = 1',
    replace: '',
  },
];
