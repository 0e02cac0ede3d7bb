import { expect, it } from 'vitest';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import {
  compileHybridSearch,
  type HybridSearchOptions,
} from '../../src/consolidated/vectors/hybrid-search.ts';
import { type CompileDatabase, describeDatabases } from '../compile/compile-database.ts';
import { compileExplain } from '../compile/compile-explain.ts';

const SQL = `
  create table articles (
    id int primary key, kind int not null, title text, body text, score text default 'own', meta jsonb,
    words tsvector generated always as (to_tsvector('english', body)) stored,
    embedding extensions.vector(3), half extensions.halfvec(3)
  );
  insert into articles (id, kind, title, body, embedding, half)
  select i, i % 100, 'Number ' || i, case when i % 20 = 0 then 'boats ' else '' end || 'the house number ' || i,
    v.e::extensions.vector, v.e::extensions.halfvec
  from generate_series(1, 3000) as i
  cross join lateral (select format('[%s,%s,%s]', sin(i), cos(i * 1.7), sin(i * 0.3) + 0.01) as e) as v;
  create index articles_words on articles using gin (words);
  create index articles_body on articles using gin (to_tsvector('english', body));
  create index articles_both on articles using gin (to_tsvector('german', coalesce(title, '') || ' ' || coalesce(body, '')));
  create index articles_embedding on articles using hnsw (embedding extensions.vector_cosine_ops);
  create index articles_half on articles using hnsw (half extensions.halfvec_l2_ops);
  analyze articles;

  create table few (id int primary key, body text, notes varchar(50), embedding extensions.vector(2));
  insert into few values
    (1, 'the old town by the sea', null, '[1,0]'), (2, 'an old boat', 'a town', '[0,1]'), (3, null, 'towns', '[1,1]'),
    (4, 'a boat, a boat', null, null), (5, 'the sea', null, '[0,0]');
  create table pairs (b text not null, a uuid not null, body text, embedding extensions.vector(2), unique (b, a));
  insert into pairs select 'b' || i % 2, md5(i::text)::uuid, 'fog', '[1,1]' from generate_series(1, 6) i;
  create table measured (at date, id int, body text, embedding extensions.vector(2), primary key (at, id)) partition by range (at);
  create table measured_2024 partition of measured for values from ('2024-01-01') to ('2025-01-01');
  create table measured_2025 partition of measured for values from ('2025-01-01') to ('2026-01-01');
  insert into measured values ('2024-05-01', 1, 'rain', '[1,0]'), ('2025-05-01', 1, 'rain and rain', '[1,0.1]');
  create table keyless (body text, embedding extensions.vector(2), maybe int unique);
  create view seen as select * from few;
  create table two_words (id int primary key, one tsvector, two tsvector, embedding extensions.vector(2));
  create table tangled (id int primary key, kind int not null, body text, embedding extensions.vector(8));
  insert into tangled
  select i, i % 100, '', (select array_agg(sin(i * i * (1 + j * 0.37))) from generate_series(1, 8) j)::extensions.vector
  from generate_series(1, 3000) i;
  create index on tangled using hnsw (embedding extensions.vector_cosine_ops) with (m = 4, ef_construction = 8);
  analyze tangled;
  create type spot as (name text, floor int);
  create table spots (id int primary key, body text, at spot, embedding extensions.vector(2));
  insert into spots values (1, 'a town', ('here', 3), '[1,0]'), (2, 'a town', null, '[0,1]');
  create text search configuration public.our_words (copy = pg_catalog.simple);
`;

const few = { text: 'town', textColumn: 'body', vector: [1, 0], columns: ['id'] };
const articles = { text: 'boat', vector: [1, 0.5, 0], column: 'embedding', columns: ['id'] };

describeDatabases('hybrid search', SQL, (database) => {
  const search = (table: string, options: HybridSearchOptions) =>
    database.read(compileHybridSearch(database.context(), table, options));
  const idsOf = async (table: string, options: HybridSearchOptions) =>
    (await search(table, options)).rows.map(({ id }) => id);

  it('fuses the rows of both lists, and tells of each how similar and how relevant it is', async () => {
    const { rows } = await search('few', { ...few, text: 'boat' });
    expect(rows).toEqual([
      { id: 2, score: 1 / 62 + 1 / 63, similarity: 0, textRank: expect.closeTo(0.1) },
      { id: 1, score: 1 / 61, similarity: 1, textRank: null },
      { id: 4, score: 1 / 61, similarity: null, textRank: expect.closeTo(0.2) },
      { id: 3, score: 1 / 62, similarity: expect.closeTo(Math.SQRT1_2), textRank: null },
    ]);
  });

  it('tells how similar a row is that only the text has found, and how relevant one that only the vector has', async () => {
    const { rows } = await search('few', {
      ...few,
      text: 'boat',
      candidates: 1,
      limit: 1,
      weights: { vector: 0 },
    });
    expect(rows).toEqual([{ id: 4, score: 1 / 61, similarity: null, textRank: expect.closeTo(0.2) }]);
    const [found] = (await search('few', { ...few, text: 'old', weights: { text: 0 } })).rows;
    expect(found).toEqual({ id: 1, score: 1 / 61, similarity: 1, textRank: expect.closeTo(0.1) });
  });

  it('searches several columns as one text, where a null is empty', async () => {
    const columns = { text: 'town', textColumns: ['body', 'notes'], weights: { vector: 0 } };
    expect(await idsOf('few', { ...few, textColumn: undefined, ...columns })).toEqual([1, 2, 3]);
    expect(await idsOf('few', { ...few, weights: { vector: 0 } })).toEqual([1]);
    const one = { textColumn: undefined, textColumns: ['notes'], weights: { vector: 0 } };
    expect(await idsOf('few', { ...few, ...one })).toEqual([2, 3]);
  });

  it('reads the text as people type it, and any text is one', async () => {
    const found = (text: string, language?: string) =>
      idsOf('few', { ...few, text, language, weights: { vector: 0 } });
    expect(await found('boat or "old town"')).toEqual([4, 1, 2]);
    expect(await found('old -boat')).toEqual([1]);
    expect(await found('boats')).toEqual([4, 2]);
    expect(await found('boats', 'simple')).toEqual([]);
    for (const text of ["a & | ! ( '' :*", '"', '-', 'or', '\\', '<->', ':*', '']) {
      expect(await found(text), text).toEqual([]);
    }
  });

  it('goes by the vector alone where the text has no words to search for', async () => {
    for (const text of ['', ' ', 'the', '!?']) {
      const { rows } = await search('few', { ...few, text });
      expect(rows.map(({ id, score, textRank }) => [id, score, textRank])).toEqual([
        [1, 1 / 61, null],
        [3, 1 / 62, null],
        [2, 1 / 63, null],
      ]);
    }
  });

  it('applies the filters to both lists', async () => {
    const { rows } = await search('articles', {
      ...articles,
      filters: [{ kind: op.in([20, 21]) }, op.or({ title: op.like('Number%') }, { body: 'x' })],
      columns: ['id', 'kind'],
      limit: 60,
    });
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set([20, 21]));
    expect(rows).toHaveLength(60);
    expect(rows.filter(({ textRank }) => textRank !== null)).toHaveLength(30);
  });

  it('leaves out of the vector what is less similar than the threshold, but not of the text', async () => {
    const options = { ...few, text: 'boat', similarityThreshold: 0.5 };
    expect(await idsOf('few', options)).toEqual([1, 4, 2, 3]);
    expect(await idsOf('few', { ...options, text: 'the' })).toEqual([1, 3]);
  });

  it('orders rows with equal scores by their key, of several columns too', async () => {
    const { rows } = await search('pairs', { text: 'fog', textColumn: 'body', vector: [1, 1] });
    expect(rows).toHaveLength(6);
    const keys = rows.map(({ b, a }) => `${b} ${a}`);
    expect(keys).toEqual([...keys].sort());
    expect(rows[0]).toMatchObject({ score: 2 / 61, body: 'fog' });
  });

  it('searches a partitioned table by the key that it has', async () => {
    const { rows } = await search('measured', { text: 'rain', textColumn: 'body', vector: [1, 0] });
    expect(rows.map(({ at, id, score }) => [at, id, score])).toEqual([
      ['2024-05-01', 1, 1 / 61 + 1 / 62],
      ['2025-05-01', 1, 1 / 62 + 1 / 61],
    ]);
  });

  it('returns all columns but those that have the names of its own, and paths', async () => {
    const [row] = (await search('articles', { ...articles, columns: undefined, limit: 1 })).rows;
    expect(Object.keys(row!)).toEqual(
      ['id', 'kind', 'title', 'body', 'meta', 'words', 'embedding', 'half', 'score', 'similarity', 'textRank'], // biome-ignore format: the names
    );
    expect(typeof row?.score).toBe('number');
    const [one] = (await search('articles', { ...articles, columns: [path('meta', 'from')], limit: 1 })).rows;
    expect(Object.keys(one!)).toEqual(['from', 'score', 'similarity', 'textRank']);
  });

  it('returns composites, which say in typed rows what they are made of', async () => {
    const { rows } = await search('spots', { ...few, columns: ['id', 'at'] });
    expect(rows.map(({ id, at }) => [id, at])).toEqual([
      [1, { name: 'here', floor: 3 }],
      [2, null],
    ]);
  });

  it('takes a text search configuration of the database, and says when there is none of the name', async () => {
    const own = compileHybridSearch(database.context(), 'few', { ...few, language: 'public.our_words' });
    expect(own.statement.values).toContain('public.our_words');
    expect((await database.read(own)).rows).toHaveLength(3);
    const unknown = compileHybridSearch(database.context(), 'few', { ...few, language: 'public.theirs' });
    await expect(database.typed(unknown)).rejects.toMatchObject({ code: '42704' });
  });

  it.each<[string, HybridSearchOptions, readonly string[]]>([
    ['a tsvector column and vector', articles, ['articles_words', 'articles_embedding']],
    [
      'one text column and halfvec, with a filter',
      { ...articles, textColumn: 'body', column: 'half', metric: 'l2', filters: { kind: op.lt(90) } },
      ['articles_body', 'articles_half'],
    ],
    [
      'several text columns, in a language of its own, with a threshold',
      {
        ...articles,
        text: 'boats',
        textColumns: ['title', 'body'],
        language: 'german',
        similarityThreshold: 0.1,
      },
      ['articles_both', 'articles_embedding'],
    ],
  ])('uses the indexes for %s', async (_, options, indexes) => {
    const compiled = compileHybridSearch(database.context(), 'articles', options);
    const wrapped = {
      plan: { text: `explain (format json) ${compiled.statement.plan.document}` },
      values: [...compiled.statement.values, 'nonce'],
    };
    for (const statement of [compileExplain(compiled).statement, wrapped]) {
      const plan = await planOf(database, statement);
      for (const index of indexes) expect(plan).toContain(`"${index}"`);
      expect(plan).toContain('"articles_pkey"');
    }
  });

  it.each<[string, number, string]>([
    ['by its index', 10, 'articles_embedding'],
    ['as a whole', 200, 'Seq Scan'],
  ])(
    'does not read the list that has no weight, where the vectors are read %s',
    async (_, candidates, nearest) => {
      const read = async (weights: HybridSearchOptions['weights']) => {
        const options = { ...articles, candidates, weights };
        const compiled = compileHybridSearch(database.context(), 'articles', options);
        const plan = await planOf(database, compileExplain(compiled, { analyze: true }).statement);
        const nodes = nodesOf(JSON.parse(plan)[0].Plan).filter((node) => Number(node['Actual Loops']) > 0);
        const names = nodes
          .filter((node) => node['Index Name'] !== undefined || node['Relation Name'] !== undefined)
          .map((node) => String(node['Index Name'] ?? node['Node Type']));
        // The rows of the result are read by the key, and a bitmap is that of an index.
        return [...new Set(names)]
          .filter((name) => !['articles_pkey', 'Bitmap Heap Scan'].includes(name))
          .sort();
      };
      expect(await read({ text: 2 })).toEqual([nearest, 'articles_words'].sort());
      expect(await read({ text: 0 })).toEqual([nearest]);
      expect(await read({ vector: 0 })).toEqual(['articles_words']);
    },
  );

  it('sorts again what the index returns nearly in order', async () => {
    const compiled = compileHybridSearch(database.context(), 'tangled', {
      ...{ text: 'none', textColumn: 'body', vector: [1, 0.5, 0, 0, 0, 1, 0, 0] },
      ...{ filters: { kind: op.lt(9) }, limit: 200, candidates: 200 },
    });
    // A sort that is only to settle ties would trust what comes from the index.
    await database.exec(
      'begin; set local enable_seqscan = off; set local enable_sort = off; set local hnsw.ef_search = 1',
    );
    try {
      await database.query("select set_config('hnsw.iterative_scan', 'relaxed_order', true)");
      const { rows } = await database.read(compiled);
      expect(rows).toHaveLength(200);
      const similarities = rows.map(({ similarity }) => similarity as number);
      expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    } finally {
      await database.exec('rollback');
    }
  });

  it('is one plan for a shape, whatever the values', () => {
    const plan = (options: object) =>
      compileHybridSearch(database.context(), 'few', { ...few, ...options }).statement.plan;
    const other = {
      text: 'x',
      vector: [3, 4],
      limit: 3,
      weights: { text: 0 },
      rankConstant: 1,
      candidates: 9,
    };
    expect(plan(other)).toBe(plan({}));
    expect(plan({ language: 'german' })).not.toBe(plan({}));
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['keyless', few, /needs a primary key of "keyless".*Add a primary key/],
    ['seen', few, /needs a primary key of "seen".*A view has none/],
    ['few', { ...few, textColumn: undefined }, /no tsvector column.*Available: "body", "notes"/],
    [
      'few',
      { ...few, textColumn: 'embedding' },
      /tsvector and text columns.*"extensions"."vector".*Available/,
    ],
    ['few', { ...few, textColumn: 'bodi' }, /no column "bodi".*"body"/],
    ['few', { ...few, textColumn: 5 }, /'textColumn' must name a column/],
    ['few', { ...few, textColumns: ['body'] }, /not both/],
    ['few', { ...few, textColumn: undefined, textColumns: [] }, /'textColumns'.*at least one/],
    ['few', { ...few, textColumn: undefined, textColumns: ['body', 'body'] }, /'textColumns'.*twice/],
    ['two_words', { ...few, textColumn: undefined }, /several tsvector columns.*"one", "two"/],
    ['two_words', { ...few, textColumn: undefined, textColumns: ['one', 'two'] }, /searched alone/],
    ['few', { ...few, text: undefined }, /'text' must be a string.*undefined/],
    ['few', { ...few, text: 7 }, /'text' must be a string.*number/],
    ['few', { ...few, text: 'a\0' }, /'text' must not contain.*U\+0000/],
    ['few', { ...few, language: 'englisch' }, /'language' must be one of .*english.*It was "englisch"/],
    ['few', { ...few, language: '3748' }, /'language'/],
    ['few', { ...few, language: 'public.3748' }, /'language'/],
    ['few', { ...few, language: "public.x'" }, /'language'/],
    ['few', { ...few, language: 'a.b.c' }, /'language'/],
    ['few', { ...few, language: null }, /'language'.*of type object/],
    ['few', { ...few, vector: [1] }, /2 dimensions\. It has 1/],
    ['few', { ...few, vector: [0, 0] }, /no direction/],
    ['few', { ...few, weights: { text: -1 } }, /'weights\.text' must be 0, or a number from/],
    ['few', { ...few, weights: { vector: Number.NaN } }, /'weights\.vector'/],
    ['few', { ...few, weights: { vector: Number.POSITIVE_INFINITY } }, /'weights\.vector'/],
    ['few', { ...few, weights: { vector: '1' } }, /'weights\.vector'/],
    ['few', { ...few, weights: { text: 0, vector: 0 } }, /'weights'.*both/],
    ['few', { ...few, weights: { txt: 1 } }, /'weights' has no "txt".*text/],
    ['few', { ...few, weights: [1, 2] }, /'weights' must be an object/],
    ['few', { ...few, rankConstant: 0 }, /'rankConstant'.*at least 1/],
    ['few', { ...few, rankConstant: 1.5 }, /'rankConstant'/],
    ['few', { ...few, candidates: 0 }, /'candidates'/],
    ['few', { ...few, candidates: 5, limit: 6 }, /'limit' is 6.*'candidates'/],
    ['few', { ...few, limit: 0 }, /'limit'.*at least 1/],
    ['few', { ...few, similarityThreshold: Number.NaN }, /'similarityThreshold'/],
    ['few', { ...few, columns: ['textRank'] }, /no column "textRank"/],
    ['articles', { ...articles, columns: ['score'] }, /its own column "score"/],
    ['few', { ...few, efSearch: 1 }, /hybridSearch has no option "efSearch"/],
  ])('refuses %s with %j', (table, options, message) => {
    expect(() =>
      compileHybridSearch(database.context(), table, options as unknown as HybridSearchOptions),
    ).toThrow(message);
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
