// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text.
import type { NamedMutant } from '../mutant.ts';

const FUSED = {
  file: 'src/consolidated/vectors/hybrid-search.ts',
  symbol: 'compileHybridSearch',
  tests: ['test/vectors/hybrid-search.test.ts'],
} as const;

const LEARNS = {
  ...FUSED,
  tests: ['test/vectors/hybrid-learning.test.ts'],
} as const;

/** Searches by text and vector: what both lists are held to. */
export const HYBRID_SEARCH: readonly NamedMutant[] = [
  {
    ...FUSED,
    name: 'filters of the vector',
    guard: 'The filters decide what the vector may find.',
    find: "is not null` : '', where]",
    replace: "is not null` : '']",
  },
  {
    ...FUSED,
    name: 'filters of the text',
    guard: 'The filters decide what the text may find.',
    find: 'where: weighted(weights.text, where)',
    replace: "where: weighted(weights.text, '')",
  },
  {
    ...LEARNS,
    name: 'learned of a list that is not searched',
    guard: 'A list of weight 0 shows nothing of how rows are found.',
    find: "fusion.vector === 0 ? 'exact' : recall",
    replace: 'recall',
  },
  {
    ...LEARNS,
    name: 'one threshold judged by another',
    guard: 'What a high threshold has shown does not decide for a low one.',
    find: '${about(options.similarityThreshold)}',
    replace: '',
  },
  {
    ...LEARNS,
    name: 'told before it was read',
    guard: 'How rows near to the vector were found is told when all of them were read.',
    file: 'src/consolidated/vectors/nearest-list.ts',
    symbol: 'nearestList',
    find: ' from (select count(*) from nearest) as n',
    replace: '',
  },
  {
    name: 'a key that may be null',
    guard: 'Rows are joined by a key that is never null.',
    file: 'src/consolidated/vectors/row-key.ts',
    symbol: 'rowKey',
    find: 'columns.get(name)?.nullable === false',
    replace: 'true',
    tests: ['test/vectors/hybrid-search.test.ts'],
  },
  {
    name: 'a language that is a number',
    guard: 'A text search configuration is named: regconfig would take a number for an OID.',
    file: 'src/consolidated/vectors/language-sql.ts',
    symbol: 'WITH_SCHEMA',
    find: '^[a-z_][a-z0-9_$]*\\.[a-z_][a-z0-9_$]*$',
    replace: '.',
    tests: ['test/vectors/hybrid-search.test.ts'],
  },
];
