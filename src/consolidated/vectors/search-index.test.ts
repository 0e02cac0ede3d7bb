import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import type { Relation } from '../catalog/model.ts';
import type { VectorIndex } from '../catalog/vector-index.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { candidateSql, searchIndexes } from './search-index.ts';

const WHOLE: VectorIndex = {
  method: 'hnsw',
  column: 'v',
  form: { kind: 'whole' },
  metric: 'cosine',
  isPartial: false,
  lists: undefined,
  oids: [],
};
const IVFFLAT: VectorIndex = { ...WHOLE, method: 'ivfflat' };
const HALFVEC: VectorIndex = { ...WHOLE, form: { kind: 'halfvec', dimensions: 8 } };
const SUBVECTOR: VectorIndex = { ...WHOLE, form: { kind: 'subvector', start: 1, dimensions: 4 } };
const BINARY: VectorIndex = { ...WHOLE, metric: 'hamming', form: { kind: 'binary', dimensions: 8 } };
const PARTIAL: VectorIndex = { ...WHOLE, isPartial: true };

/** What is looked at of them. */
const COLUMN = {
  name: 'v',
  expression: 't."v"',
  type: { schema: 'elsewhere', sql: '"elsewhere"."vector"' },
} as ShapedColumn;
const searchIndex = (...given: Parameters<typeof searchIndexes>) => searchIndexes(...given)[0];
const withIndexes = (...vectorIndexes: readonly VectorIndex[]) =>
  ({ searchable: { vectorIndexes } }) as unknown as Relation;

describe('the index of a search', () => {
  it.each<[string, readonly VectorIndex[]]>([
    ['hnsw before ivfflat', [WHOLE, IVFFLAT]],
    ['whole vectors before halves', [IVFFLAT, HALFVEC]],
    ['halves before parts', [HALFVEC, SUBVECTOR]],
    ['parts before bits', [SUBVECTOR, BINARY]],
    ['anything before an index of some rows', [BINARY, PARTIAL]],
  ])('is the one that loses least: %s', (_, [better, worse]) => {
    expect(searchIndex(withIndexes(better!, worse!), COLUMN, 'cosine')).toBe(better);
    expect(searchIndex(withIndexes(worse!, better!), COLUMN, 'cosine')).toBe(better);
    expect(searchIndex(withIndexes(worse!), COLUMN, 'cosine')).toBe(worse);
  });

  it('is of the metric and of the column', () => {
    expect(searchIndex(withIndexes(WHOLE), COLUMN, 'l2')).toBeUndefined();
    expect(searchIndex(withIndexes({ ...WHOLE, column: 'other' }), COLUMN, 'cosine')).toBeUndefined();
    expect(searchIndex(withIndexes(), COLUMN, 'cosine')).toBeUndefined();
    expect(searchIndex({ searchable: undefined } as Relation, COLUMN, 'cosine')).toBeUndefined();
  });

  it('may be of bits where the angle counts, by the hamming distance only', () => {
    expect(searchIndex(withIndexes(BINARY), COLUMN, 'cosine')).toBe(BINARY);
    expect(searchIndex(withIndexes(BINARY), COLUMN, 'innerProduct')).toBe(BINARY);
    expect(searchIndex(withIndexes(BINARY), COLUMN, 'l2')).toBeUndefined();
    expect(searchIndex(withIndexes(BINARY), COLUMN, 'l1')).toBeUndefined();
    expect(searchIndex(withIndexes({ ...BINARY, metric: 'jaccard' }), COLUMN, 'cosine')).toBeUndefined();
  });
});

describe('the indexes of a search', () => {
  it('are all that order by the same expression as the best', () => {
    const partial: VectorIndex = { ...WHOLE, isPartial: true };
    expect(searchIndexes(withIndexes(BINARY, partial, IVFFLAT, HALFVEC, WHOLE), COLUMN, 'cosine')).toEqual([
      WHOLE,
      IVFFLAT,
      partial,
    ]);
    expect(searchIndexes(withIndexes(), COLUMN, 'cosine')).toEqual([]);
  });
});

describe('what an index orders by', () => {
  const catalog = emptyCatalog(1, { extensions: { vector: 'extensions' } });

  it.each<[string, VectorIndex | undefined, string]>([
    ['no index', undefined, 't."v" operator("extensions".<=>) $1'],
    ['the whole vector', WHOLE, 't."v" operator("extensions".<=>) $1'],
    [
      'its halves',
      HALFVEC,
      't."v"::"extensions".halfvec(8) operator("extensions".<=>) $1::"extensions".halfvec(8)',
    ],
    [
      'a part of it',
      SUBVECTOR,
      '"extensions".subvector(t."v", 1, 4)::"elsewhere"."vector"(4) operator("extensions".<=>) "extensions".subvector($1, 1, 4)::"elsewhere"."vector"(4)',
    ],
    [
      'its bits',
      BINARY,
      '"extensions".binary_quantize(t."v")::bit(8) operator("extensions".<~>) "extensions".binary_quantize($1)::bit(8)',
    ],
  ])('is written as its definition: %s', (_, index, sql) => {
    expect(candidateSql(catalog, COLUMN, 'cosine', '$1', index)).toBe(sql);
  });
});
