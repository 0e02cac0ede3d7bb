import { expect, it } from 'vitest';
import { op } from '../../src/consolidated/filters/operator.ts';
import { searchesOf, type VectorSearchOptions } from '../../src/consolidated/vectors/search-options.ts';
import { compileVectorSearch } from '../../src/consolidated/vectors/vector-search.ts';
import { type CompileDatabase, describeDatabases } from '../compile/compile-database.ts';
import { compileExplain } from '../compile/compile-explain.ts';

const SQL = `
  create table places (
    id int primary key, kind int not null, similarity text default 'own', embedding extensions.vector(3), half extensions.halfvec(3)
  );
  insert into places (id, kind, embedding, half)
  select i, i % 100, v.e::extensions.vector, v.e::extensions.halfvec
  from generate_series(1, 3000) as i
  cross join lateral (select format('[%s,%s,%s]', sin(i), cos(i * 1.7), sin(i * 0.3) + 0.01) as e) as v;
  insert into places (id, kind, embedding) values (5000, 1, null), (5001, 1, '[0,0,0]');
  create index on places using hnsw (embedding extensions.vector_cosine_ops);
  create index on places using hnsw (half extensions.halfvec_l2_ops);
  create table one (id int, v extensions.vector(3) not null);
  insert into one values (1, '[1,0,0]'), (2, '[0,1,0]'), (3, '[3,4,0]');
  analyze places;
  create table tangled (id int primary key, v extensions.vector(8) not null);
  insert into tangled
  select i, (select array_agg(sin(i * i * (1 + j * 0.37))) from generate_series(1, 8) j)::extensions.vector
  from generate_series(1, 3000) i;
  create index on tangled using hnsw (v extensions.vector_cosine_ops) with (m = 2, ef_construction = 4);
  analyze tangled;
`;

describeDatabases('vector search', SQL, (database) => {
  const compile = (table: string, options: VectorSearchOptions) =>
    compileVectorSearch(database.context(), table, searchesOf(options)[0]!);
  const search = (table: string, options: VectorSearchOptions) => database.read(compile(table, options));

  it.each<['cosine' | 'l2' | 'innerProduct' | 'l1' | undefined, [number, number][]]>([
    [
      undefined,
      [
        [1, 1],
        [3, 0.6],
        [2, 0],
      ],
    ],
    [
      'cosine',
      [
        [1, 1],
        [3, 0.6],
        [2, 0],
      ],
    ],
    [
      'l2',
      [
        [1, 1],
        [2, 1 / (1 + Math.SQRT2)],
        [3, 1 / (1 + Math.sqrt(20))],
      ],
    ],
    [
      'l1',
      [
        [1, 1],
        [2, 1 / 3],
        [3, 1 / 7],
      ],
    ],
    [
      'innerProduct',
      [
        [3, 3],
        [1, 1],
        [2, 0],
      ],
    ],
  ])('ranks by %s', async (metric, expected) => {
    const { rows } = await search('one', { vector: [1, 0, 0], metric });
    expect(rows.map(({ id }) => id)).toEqual(expected.map(([id]) => id));
    for (const [index, { similarity }] of rows.entries())
      expect(similarity).toBeCloseTo(expected[index]![1], 6);
  });

  it('leaves out what is less similar than the threshold', async () => {
    const { rows } = await search('one', { vector: [1, 0, 0], similarityThreshold: 0.5, columns: ['id'] });
    expect(rows.map(({ id }) => id)).toEqual([1, 3]);
    const inner = await search('one', {
      vector: [1, 0, 0],
      similarityThreshold: 1,
      metric: 'innerProduct',
      columns: ['id'],
    });
    expect(inner.rows).toEqual([
      { id: 3, similarity: 3 },
      { id: 1, similarity: 1 },
    ]);
  });

  it.each([
    ['cosine over vector', { column: 'embedding', vector: [1, 0.5, 0] }, 'places_embedding_idx'],
    ['l2 over halfvec', { column: 'half', metric: 'l2', vector: [1, 0.5, 0] }, 'places_half_idx'],
    [
      'with a filter',
      { column: 'embedding', vector: [1, 0.5, 0], filters: { kind: op.lt(50) }, similarityThreshold: 0.1 },
      'places_embedding_idx',
    ],
  ] as const)('uses the index for %s', async (_, options, index) => {
    const compiled = compile('places', options);
    expect(await planOf(database, compileExplain(compiled).statement)).toContain(index);
    const wrapped = {
      plan: { ...compiled.statement.plan, text: `explain (format json) ${compiled.statement.plan.document}` },
      values: [...compiled.statement.values, 'nonce'],
    };
    expect(await planOf(database, wrapped)).toContain(index);
  });

  it('sorts what the index has named, whatever order it came in', async () => {
    const compiled = compile('places', { column: 'embedding', vector: [1, 0.5, 0] });
    const sorts = nodesOf(JSON.parse(await planOf(database, compileExplain(compiled).statement))[0].Plan)
      .filter((node) => node['Node Type'] === 'Sort')
      .flatMap(({ Plans = [] }) => Plans.flatMap(nodesOf));
    // The nearest of them, and the rows of the answer.
    expect(sorts.filter((node) => node['CTE Name'] === 'near')).toHaveLength(2);
  });

  it('finds all rows within a threshold, though the index misses many', async () => {
    for (let n = 1; n <= 10; n++) {
      const vector = Array.from({ length: 8 }, (_, at) => Math.sin(n * (at + 1)));
      const all = (await search('tangled', { vector, limit: 20, columns: ['id'], exact: true })).rows;
      const similarityThreshold = (all.at(-1)?.similarity as number) - 1e-7;
      const { rows } = await search('tangled', { vector, limit: 20, columns: ['id'], similarityThreshold });
      expect(rows).toEqual(all);
    }
  });

  it('scans when it is to be exact', async () => {
    const compiled = compile('places', {
      column: 'embedding',
      vector: [1, 0.5, 0],
      exact: true,
    });
    expect(await planOf(database, compileExplain(compiled).statement)).not.toContain('places_embedding_idx');
    const { rows } = await database.read(compiled);
    const similarities = rows.map(({ similarity }) => similarity as number);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    expect(rows).toHaveLength(10);
  });

  it.each([undefined, 'fast'] as const)(
    'finds all rows that pass a filter, with the recall %s',
    async (recall) => {
      const { rows } = await search('places', {
        column: 'embedding',
        vector: [1, 0.5, 0],
        filters: { kind: 7 },
        limit: 100,
        columns: ['id', 'kind'],
        recall,
      });
      expect(rows).toHaveLength(30);
      expect(rows.every(({ kind }) => kind === 7)).toBe(true);
      const similarities = rows.map(({ similarity }) => similarity as number);
      expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    },
  );

  it('leaves out rows without a vector, and calls its own column similarity', async () => {
    const { rows } = await search('places', {
      column: 'embedding',
      vector: [1, 0.5, 0],
      limit: 5000,
      exact: true,
      similarityThreshold: -1,
    });
    expect(rows).toHaveLength(3000);
    expect(typeof rows[0]?.similarity).toBe('number');
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['places', { vector: [1, 2, 3] }, /several vector columns.*"embedding", "half"/],
    ['places', { vector: [1, 2, 3], column: 'kind' }, /is integer.*Available: "embedding", "half"/],
    ['one', { vector: [1, 2] }, /3 dimensions\. It has 2/],
    ['one', { vector: [1, Number.NaN, 2] }, /finite numbers/],
    ['one', { vector: [0, 0, 0] }, /no direction/],
    ['one', { vector: { length: 3 } }, /array of numbers/],
    ['one', {}, /exactly one of the options 'vector', 'near' and 'vectors'/],
    ['one', { vector: [1, 2, 3], near: { id: 1 } }, /exactly one of/],
    ['one', { near: { id: 1 } }, /'near' must give a value to each column of a unique key of "one"\.$/],
    ['places', { near: { kind: 1 }, column: 'half' }, /unique key of "places": \{ id \}/],
    ['one', { vectors: [] }, /'vectors' must be an array of 1 to 100/],
    ['one', { vectors: [[1, 2]] }, /3 dimensions\. It has 2/],
    ['one', { vector: [1, 2, 3], recall: 'all' }, /'recall' must be one of fast, balanced, exact/],
    ['one', { vector: [1, 2, 3], recall: 'fast', exact: true }, /'exact' and 'recall' contradict/],
    ['one', { vector: [1, 2, 3], limit: 0 }, /'limit'.*at least 1/],
    ['one', { vector: [1, 2, 3], efSearch: 1001 }, /'efSearch'/],
    ['one', { vector: [1, 2, 3], metric: 'manhattan' }, /'metric'/],
    ['one', { vector: [1, 2, 3], similarityThreshold: Number.NaN }, /'similarityThreshold'/],
    ['one', { vector: [1, 2, 3], treshold: 1 }, /no option "treshold".*similarityThreshold/],
    ['places', { vector: [1, 2, 3], column: 'half', columns: ['similarity'] }, /its own column "similarity"/],
  ])('refuses %s with %j', (table, options, message) => {
    expect(() => compile(table, options as unknown as VectorSearchOptions)).toThrow(message);
  });
});

interface PlanNode {
  readonly Plans?: readonly PlanNode[];
  readonly [name: string]: unknown;
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

async function planOf(
  database: CompileDatabase,
  { plan, values }: { plan: { text: string }; values: readonly (string | null)[] },
): Promise<string> {
  const { rows } = await database.query(plan.text, values);
  return String(rows[0]?.[0]);
}
