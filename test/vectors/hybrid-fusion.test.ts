import fc from 'fast-check';
import { expect, it } from 'vitest';
import { op } from '../../src/consolidated/filters/operator.ts';
import {
  compileHybridSearch,
  type HybridSearchOptions,
} from '../../src/consolidated/vectors/hybrid-search.ts';
import { LearnedSearches } from '../../src/consolidated/vectors/learned-searches.ts';
import { systemClock } from '../../src/contract/clock.ts';
import { type CompileDatabase, describeDatabases } from '../compile/compile-database.ts';

/** `CDB_PROPERTY_RUNS=10000` for the whole; fast-check prints the seed of a failure. */
const numRuns = Number(process.env.CDB_PROPERTY_RUNS ?? 150);

const SQL = 'create table docs (id int primary key, kind int not null, body text, at extensions.vector(2));';

interface Doc {
  readonly id: number;
  readonly kind: number;
  readonly body: string | null;
  readonly at: readonly [number, number] | null;
}

/** What the server says of a row by itself. */
interface Fact {
  readonly id: number;
  readonly kind: number;
  /** Undefined where the text does not match. */
  readonly relevance: number | undefined;
  /** Undefined where there is none. */
  readonly distance: number | undefined;
}

const METRICS = {
  cosine: ['<=>', (distance: number) => 1 - distance],
  l2: ['<->', (distance: number) => 1 / (1 + distance)],
  innerProduct: ['<#>', (distance: number) => -distance],
  l1: ['<+>', (distance: number) => 1 / (1 + distance)],
} as const;

const word = fc.constantFrom('sea', 'town', 'old', 'boat', 'beach');
const docs = fc.array(
  fc.record({
    kind: fc.integer({ min: 0, max: 2 }),
    body: fc.option(fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))),
    at: fc.option(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { freq: 8 }),
  }),
  { maxLength: 25 },
);
const text = fc.oneof(
  fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')),
  fc.tuple(word, word).map(([one, other]) => `${one} or ${other}`),
  fc.tuple(word, word).map(([one, other]) => `${one} -${other}`),
);
const weight = fc.option(fc.constantFrom(0, 0.5, 1, 3.7), { nil: undefined });
const options = fc.record({
  text,
  vector: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 })),
  metric: fc.constantFrom(...(Object.keys(METRICS) as (keyof typeof METRICS)[])),
  limit: fc.integer({ min: 1, max: 30 }),
  further: fc.integer({ min: 0, max: 25 }),
  rankConstant: fc.constantFrom(1, 10, 60),
  weights: fc
    .record({ text: weight, vector: weight })
    .filter(({ text, vector }) => text !== 0 || vector !== 0),
  kinds: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 2 })), { nil: undefined }),
  similarityThreshold: fc.option(fc.constantFrom(-1, 0.2, 0.9, 4), { nil: undefined }),
  recall: fc.constantFrom('fast', 'balanced', 'exact', undefined),
});
type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

async function store(database: CompileDatabase, rows: readonly Doc[]): Promise<void> {
  await database.exec('truncate docs');
  await database.query(
    'insert into docs select id, kind, body, at::extensions.vector from jsonb_to_recordset($1::jsonb) as r(id int, kind int, body text, at text)',
    [JSON.stringify(rows.map((row) => ({ ...row, at: row.at && JSON.stringify(row.at) })))],
  );
}

async function factsOf(
  database: CompileDatabase,
  { text, vector, metric }: Options,
): Promise<readonly Fact[]> {
  const words = "to_tsvector('english', body)";
  const query = "websearch_to_tsquery('english', $1)";
  const { rows } = await database.query(
    `select id, kind, case when ${words} @@ ${query} then ts_rank_cd(${words}, ${query}) end,
       nullif(at operator(extensions.${METRICS[metric][0]}) $2::extensions.vector, 'NaN') from docs`,
    [text, JSON.stringify(vector)],
  );
  const number = (value: string | null | undefined) => (value == null ? undefined : Number(value));
  return rows.map(([id, kind, relevance, distance]) => ({
    id: Number(id),
    kind: Number(kind),
    relevance: number(relevance),
    distance: number(distance),
  }));
}

interface Found {
  readonly id: number;
  readonly score: number;
  readonly similarity: number | null;
  readonly textRank: number | null;
}

/** Undefined where rows that are equally near stand at the end of the list: which of them are in it is left open. */
function reference(facts: readonly Fact[], given: Options, candidates: number): readonly Found[] | undefined {
  const { metric, limit, rankConstant, kinds, similarityThreshold = Number.NEGATIVE_INFINITY } = given;
  const { text = 1, vector = 1 } = given.weights;
  const similarityOf = METRICS[metric][1];
  const seen = facts.filter(({ kind }) => kinds === undefined || kinds.includes(kind));
  const matching = seen
    .filter(({ relevance }) => relevance !== undefined && text > 0)
    .sort((a, b) => b.relevance! - a.relevance! || a.id - b.id)
    .slice(0, candidates);
  const byDistance = seen
    .filter(({ distance }) => distance !== undefined && vector > 0)
    .sort((a, b) => a.distance! - b.distance! || a.id - b.id);
  if (byDistance[candidates] && byDistance[candidates].distance === byDistance[candidates - 1]?.distance) {
    return undefined;
  }
  const nearest = byDistance
    .slice(0, candidates)
    .filter(({ distance }) => similarityOf(distance!) >= similarityThreshold);
  const scores = new Map<Fact, number>();
  for (const [list, weight] of [
    [matching, text],
    [nearest, vector],
  ] as const) {
    // biome-ignore format: a table
    for (const [index, fact] of list.entries()) {
      scores.set(fact, (scores.get(fact) ?? 0) + weight / (rankConstant + index + 1));
    }
  }
  return [...scores]
    .map(([{ id, distance, relevance }, score]) => ({
      id,
      score,
      similarity: distance === undefined ? null : similarityOf(distance),
      textRank: relevance ?? null,
    }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, limit);
}

describeDatabases('fused lists', SQL, (database) => {
  it('are those of the reference, for any rows and options', { timeout: 60_000 + 50 * numRuns }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(docs, options, async (made, given) => {
        const { further, kinds, ...rest } = given;
        const candidates = rest.limit + further;
        await store(
          database,
          made.map((doc, index) => ({ ...doc, id: (index * 7) % 31 })),
        );
        const expected = reference(await factsOf(database, given), given, candidates);
        if (expected === undefined) return;
        compared++;
        const search: HybridSearchOptions = {
          ...rest,
          textColumn: 'body',
          candidates,
          columns: ['id'],
          ...(kinds !== undefined && { filters: { kind: op.in(kinds) } }),
        };
        const searches = new LearnedSearches(systemClock, undefined);
        // The first has learned nothing, and the next ones what it has shown.
        for (let times = 0; times < 3; times++) {
          const compiled = compileHybridSearch({ ...database.context(), searches }, 'docs', search);
          const answer = await database.read(compiled);
          expect(answer.rows).toEqual(expected);
          compiled.told(answer);
        }
      }),
      { numRuns },
    );
    expect(compared).toBeGreaterThan(numRuns / 2);
  });
});
