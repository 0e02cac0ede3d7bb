// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text.
import type { NamedMutant } from '../mutant.ts';

const SETTINGS = {
  file: 'src/consolidated/call/statement-settings.ts',
  tests: ['test/vectors/settings-kept.test.ts'],
} as const;
const REPORT = {
  file: 'src/consolidated/vectors/search-sql.ts',
  symbol: 'unused',
  tests: ['test/vectors/search-report.test.ts'],
} as const;
const CACHED = { tests: ['test/vectors/cached-searches.test.ts'] } as const;

/** Searches by vectors: what they leave as it was, and what they tell. */
export const SEARCHES: readonly NamedMutant[] = [
  {
    ...SETTINGS,
    name: 'order of other code in a batch',
    guard: 'Code of the database that searches in the same batch gets its rows in order.',
    symbol: 'SettledStatements',
    find: 'if (current.length > 0) add(puttingBack(current), false);',
    replace: '',
  },
  {
    ...SETTINGS,
    name: 'settings of a search put back',
    guard: 'Behind a search, the settings of a transaction are as they were.',
    symbol: 'puttingBack',
    find: 'const back = settings.map(',
    replace: 'const back = settings.slice(0, 1).map(',
  },
  {
    ...SETTINGS,
    name: 'a search in a batch',
    guard: 'A search is made in a batch as it is alone.',
    symbol: 'settingsOf',
    find: 'each.every((one) => areSame(one, first))',
    replace: 'true',
  },
  {
    name: 'the place of a refused value in a batch with searches',
    guard: 'The column of a refused value is told, whatever was sent between the statements.',
    file: 'src/consolidated/call/call.ts',
    symbol: 'Call',
    find: 'this.settled?.ownAt(place) ?? place',
    replace: 'place',
    tests: ['test/vectors/settings-kept.test.ts'],
  },
  {
    ...REPORT,
    name: 'an index that nobody counts',
    guard: 'Where the server counts nothing, no answer of an index is called exact.',
    find: "`pg_catalog.current_setting('track_counts') = 'on'`,",
    replace: '',
  },
  {
    ...REPORT,
    name: 'an index that was built again',
    guard: 'An index that the catalog does not know is not taken for one that was not used.',
    find: '...exist,',
    replace: '',
  },
  {
    ...REPORT,
    symbol: 'showsUse',
    name: 'an index of a new part',
    guard: 'An answer of the index of a part that the catalog does not know is not called exact.',
    find: ' && !isDivided',
    replace: '',
  },
  {
    name: 'rows of several tables',
    guard: 'What is read of one part is not told as what is read of all.',
    file: 'src/consolidated/vectors/search-sql.ts',
    symbol: 'looked',
    find: 'counted(rows, tables)',
    replace: 'counted(rows, tables.slice(0, 1))',
    tests: ['test/vectors/search-report.test.ts'],
  },
  {
    name: 'a row without a direction',
    guard: 'By the cosine nothing is near to a vector of zeros.',
    file: 'src/consolidated/vectors/near.ts',
    symbol: 'readNear',
    find: "metric === 'cosine' ? ` and",
    replace: "metric === 'l1' ? ` and",
    tests: ['test/vectors/search-report.test.ts'],
  },
  {
    ...CACHED,
    name: 'the answer of one search for several',
    guard: 'One search and a list of one are kept apart.',
    file: 'src/consolidated/facade/several-searches.ts',
    symbol: 'severalSearches',
    find: '`several $',
    replace: '`$',
  },
  {
    ...CACHED,
    name: 'an answer with how it was found',
    guard: 'Rows are kept apart from rows with how they were found.',
    file: 'src/consolidated/facade/statement-methods.ts',
    symbol: 'StatementMethods.#search',
    find: 'isTold ? `${kind} info` : kind',
    replace: 'kind',
  },
  {
    name: 'a vector of another size',
    guard: 'A vector that does not fit the catalog may fit the database.',
    file: 'src/consolidated/catalog/outdated.ts',
    symbol: 'isRefusedByCatalog',
    find: ' || error.code === WRONG_DIMENSIONS',
    replace: '',
    tests: ['test/vectors/changed-dimensions.test.ts', 'src/consolidated/catalog/outdated.test.ts'],
  },
];
