import { expect, it } from 'vitest';
import { searchesOf, type VectorSearchOptions } from '../../src/consolidated/vectors/search-options.ts';
import type { SearchReport } from '../../src/consolidated/vectors/search-report.ts';
import { compileVectorSearch } from '../../src/consolidated/vectors/vector-search.ts';
import { describeDatabases } from '../compile/compile-database.ts';
import { compileExplain } from '../compile/compile-explain.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';

const DIMENSIONS = 32;
const ROWS = 2_000;
/** Ten rows in each, which are nearer to each other than to others by any distance, of whatever is left of the vectors. */
const CLUSTERS = 200;
const LIMIT = 8;
const QUERIES = 30;

const random = new SeededRandom(20);
const direction = (size: number) => Array.from({ length: DIMENSIONS }, () => (random.next() * 2 - 1) * size);
const centers = Array.from({ length: CLUSTERS }, () => direction(1));
/** All of one length, so that the inner product goes by the angle. */
function near(cluster: number): number[] {
  const noise = direction(0.35);
  const vector = centers[cluster]!.map((value, at) => value + noise[at]!);
  const length = Math.hypot(...vector);
  return vector.map((value) => Number((value / length).toFixed(4)));
}
const queries = Array.from({ length: QUERIES }, (_, at) => near((at * 7) % CLUSTERS));

const SQL = `
  create table forms (
    id int primary key, kind int not null, v extensions.vector(${DIMENSIONS}) not null, h extensions.halfvec(${DIMENSIONS}) not null
  );
  insert into forms
  select v.id, case when v.id % 10 < 8 then 1 else 2 end, v.v::extensions.vector, v.v::extensions.halfvec
  from (values ${Array.from({ length: ROWS }, (_, id) => `(${id}, '[${near(id % CLUSTERS)}]')`).join(', ')}) as v (id, v);
  create index forms_halves on forms using hnsw ((v::extensions.halfvec(${DIMENSIONS})) extensions.halfvec_cosine_ops);
  create index forms_lists on forms using ivfflat (v extensions.vector_l2_ops) with (lists = 20);
  create index forms_bits on forms using hnsw ((extensions.binary_quantize(v)::bit(${DIMENSIONS})) extensions.bit_hamming_ops);
  create index forms_part on forms
    using hnsw ((extensions.subvector(v, 5, 16)::extensions.vector(16)) extensions.vector_l1_ops);
  create index forms_half on forms using hnsw (h extensions.halfvec_l1_ops);
  create index forms_half_part on forms
    using hnsw ((extensions.subvector(h, 1, 16)::extensions.halfvec(16)) extensions.halfvec_cosine_ops);
  create index forms_half_lists on forms using ivfflat (h extensions.halfvec_ip_ops) with (lists = 20);

  create table picked (like forms);
  insert into picked select * from forms;
  create index picked_v on picked using hnsw (v extensions.vector_cosine_ops) where kind = 1;

  create table parted (like forms) partition by list (kind);
  create table parted_1 partition of parted for values in (1);
  create table parted_2 partition of parted for values in (2);
  insert into parted select * from forms;
  create index parted_v on parted using hnsw (v extensions.vector_cosine_ops);
  create index parted_lists on parted using ivfflat (v extensions.vector_l2_ops) with (lists = 10);
  analyze forms; analyze picked; analyze parted;
`;

describeDatabases('an index of another form', SQL, (database) => {
  const compile = (table: string, options: VectorSearchOptions) =>
    compileVectorSearch(database.context(), table, searchesOf(options)[0]!);

  /** With the settings of the search. */
  async function within<T>(options: { table: string; search: VectorSearchOptions }, run: Run<T>): Promise<T> {
    const compiled = compile(options.table, options.search);
    await database.exec('begin');
    try {
      for (const [name, value] of compiled.settings ?? [])
        await database.query('select set_config($1, $2, true)', [name, value]);
      return await run(compiled);
    } finally {
      await database.exec('rollback');
    }
  }

  const search = (table: string, options: VectorSearchOptions) =>
    within({ table, search: { ...options, info: true } }, async (compiled) => {
      return compiled.told(await database.typed(compiled)) as Told;
    });

  /** The indexes that were read. */
  const indexesOf = (table: string, options: VectorSearchOptions) =>
    within({ table, search: options }, async (compiled) => {
      const { plan, values } = compileExplain(compiled, { analyze: true }).statement;
      const { rows } = await database.query(plan.text, values);
      return nodesOf(JSON.parse(String(rows[0]?.[0]))[0].Plan)
        .filter((node) => Number(node['Actual Loops']) > 0 && node['Index Name'] !== undefined)
        .map((node) => String(node['Index Name']));
    });

  it.each<[string, string, VectorSearchOptions, readonly string[]]>([
    ['halfvec of vector', 'forms', { column: 'v', metric: 'cosine' }, ['forms_halves']],
    ['ivfflat', 'forms', { column: 'v', metric: 'l2' }, ['forms_lists']],
    ['bits', 'forms', { column: 'v', metric: 'innerProduct' }, ['forms_bits']],
    ['a part of vector', 'forms', { column: 'v', metric: 'l1' }, ['forms_part']],
    ['halfvec', 'forms', { column: 'h', metric: 'l1' }, ['forms_half']],
    ['a part of halfvec', 'forms', { column: 'h', metric: 'cosine' }, ['forms_half_part']],
    ['ivfflat of halfvec', 'forms', { column: 'h', metric: 'innerProduct' }, ['forms_half_lists']],
    ['some rows, which the filter asks for', 'picked', { column: 'v', filters: { kind: 1 } }, ['picked_v']],
    ['each part', 'parted', { column: 'v' }, ['parted_1_v_idx', 'parted_2_v_idx']],
    ['each part, ivfflat', 'parted', { column: 'v', metric: 'l2' }, ['parted_1_v_idx1', 'parted_2_v_idx1']],
    ['the only part that passes', 'parted', { column: 'v', filters: { kind: 1 } }, ['parted_1_v_idx']],
  ])('names candidates, which are ranked by their whole vectors: %s', async (_, table, options, indexes) => {
    let found = 0;
    for (const vector of queries) {
      const asked = { ...options, vector, limit: LIMIT, columns: ['id'] };
      const { rows, search: how } = await search(table, asked);
      expect(how).toMatchObject({ plan: 'index', recallClass: 'balanced' });
      const truth = (await search(table, { ...asked, limit: 200, exact: true })).rows;
      const similarities = new Map(truth.map(({ id, similarity }) => [id, similarity]));
      expect(rows).toHaveLength(LIMIT);
      for (const { id, similarity } of rows) expect(similarity).toBe(similarities.get(id));
      expect(rows.map(({ similarity }) => similarity)).toEqual(
        rows.map(({ similarity }) => similarity).sort((a, b) => b - a),
      );
      const last = truth[LIMIT - 1]!.similarity;
      found += rows.filter(({ similarity }) => similarity >= last).length;
    }
    expect(found / (QUERIES * LIMIT)).toBeGreaterThanOrEqual(0.95);
    const read = await indexesOf(table, { ...options, vector: queries[0]!, limit: LIMIT });
    expect(read.filter((name) => name !== 'forms_pkey').sort()).toEqual(indexes);
  });

  it('is left alone where it has some of the rows and the filter does not ask for them alone', async () => {
    for (const filter of [{}, { filters: { kind: 2 } }]) {
      const asked = { column: 'v', vector: queries[0]!, limit: LIMIT, columns: ['id'], ...filter };
      const { rows, search: how } = await search('picked', asked);
      expect(how).toMatchObject({ recallClass: 'exact' });
      expect(rows).toEqual((await search('picked', { ...asked, exact: true })).rows);
      expect(await indexesOf('picked', asked)).toEqual([]);
    }
  });
});

type Run<T> = (compiled: ReturnType<typeof compileVectorSearch>) => Promise<T>;

interface Told {
  readonly rows: readonly { readonly id: number; readonly similarity: number }[];
  readonly search: Pick<SearchReport, 'plan' | 'scanned'> & { readonly recallClass: string };
}

interface PlanNode {
  readonly Plans?: readonly PlanNode[];
  readonly [name: string]: unknown;
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
