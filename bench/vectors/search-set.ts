import { PEOPLE, type Person } from '../notes.ts';

/** Percent of the table's rows that the searcher owns. */
export const SELECTIVITIES = ['1', '10', '100'] as const;
export type Selectivity = (typeof SELECTIVITIES)[number];

/**
 * How the searcher's rows lie among all vectors:
 *
 * - `scattered`: at random; queries come from everywhere
 * - `clustered`: in one region, of which others own as many rows; queries come from everywhere
 * - `clustered-near`: the same rows; queries come from that region
 * - `all`: every row is the searcher's
 */
export const LAYOUTS = ['scattered', 'clustered', 'clustered-near', 'all'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Where query vectors come from: from all over, or from the region of one of the clustered owners. */
export const QUERY_SOURCES = ['everywhere', 'near-1', 'near-10'] as const;
export type QuerySource = (typeof QUERY_SOURCES)[number];

/** Of many owners; of one; and of many again with what `cdb doctor` advises: an index that holds the vectors, or partitions. */
export const TABLES = ['documents', 'own_documents', 'covered_documents', 'parted_documents'] as const;
export type TableName = (typeof TABLES)[number];

export const OWNERS = {
  scattered1: PEOPLE[0]!,
  scattered10: PEOPLE[1]!,
  clustered1: PEOPLE[2]!,
  clustered10: PEOPLE[3]!,
  /** The only owner in `own_documents`; owns nothing in `documents`. */
  all: PEOPLE[99]!,
} as const;

/** They share what is left of `documents`, about 1 % each. */
export const OTHER_OWNERS: readonly Person[] = PEOPLE.slice(4, 82);

/** A searcher and the vectors that it searches for. */
export interface SearchSet {
  readonly selectivity: Selectivity;
  readonly layout: Layout;
  readonly table: TableName;
  readonly person: Person;
  readonly source: QuerySource;
}

const PLAIN: readonly SearchSet[] = [
  shared('1', 'scattered', OWNERS.scattered1, 'everywhere'),
  shared('1', 'clustered', OWNERS.clustered1, 'everywhere'),
  shared('1', 'clustered-near', OWNERS.clustered1, 'near-1'),
  shared('10', 'scattered', OWNERS.scattered10, 'everywhere'),
  shared('10', 'clustered', OWNERS.clustered10, 'everywhere'),
  shared('10', 'clustered-near', OWNERS.clustered10, 'near-10'),
  {
    selectivity: '100',
    layout: 'all',
    table: 'own_documents',
    person: OWNERS.all,
    source: 'everywhere',
  },
];

/** Searches of many rows are made once more with what is advised for these. */
export const ADVISED_TABLES = ['covered_documents', 'parted_documents'] as const satisfies TableName[];
const ADVISED = ADVISED_TABLES.flatMap((table) =>
  PLAIN.filter(({ selectivity }) => selectivity === '10').map((set): SearchSet => ({ ...set, table })),
);

export const SEARCH_SETS: readonly SearchSet[] = [...PLAIN, ...ADVISED];

const KINDS: Readonly<Record<TableName, string>> = {
  documents: '',
  own_documents: '',
  covered_documents: ', covering index',
  parted_documents: ', partitioned',
};

/** `1 % clustered`; `100 %`; `10 % scattered, partitioned`. */
export function describeSet({
  selectivity,
  layout,
  table,
}: Pick<SearchSet, 'selectivity' | 'layout' | 'table'>): string {
  const rows = layout === 'all' ? `${selectivity} %` : `${selectivity} % ${layout}`;
  return rows + KINDS[table];
}

function shared(selectivity: Selectivity, layout: Layout, person: Person, source: QuerySource): SearchSet {
  return { selectivity, layout, table: 'documents', person, source };
}
