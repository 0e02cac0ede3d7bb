/** Searches at random, each with what is true of it. */
import { op } from '../../../src/index.ts';
import type { SeededRandom } from '../../support/network/seeded-random.ts';
import {
  type Caller,
  type GeneratedTable,
  METRICS,
  type Metric,
  pick,
  type Row,
  vectorOf,
} from './generated-table.ts';
import { similarityOf } from './similarity.ts';

type Recall = 'fast' | 'balanced' | 'exact';

/** One of the searches of a call, by its vector or by a row. */
export interface Compared {
  readonly vector: readonly number[];
  /** The row that it starts from. */
  readonly near: Row | undefined;
}

export interface GeneratedSearch {
  /** For `vectorSearch`. */
  readonly options: Record<string, unknown>;
  readonly caller: Caller;
  readonly metric: Metric;
  readonly limit: number;
  readonly recall: Recall;
  readonly threshold: number | undefined;
  readonly isTold: boolean;
  readonly compared: readonly Compared[];
  readonly isSeveral: boolean;
  readonly passes: (row: Row) => boolean;
  /** The rows that the caller sees, with a vector, that pass: how similar each is, by its id. */
  similarities(of: Compared): ReadonlyMap<number, number>;
}

interface GeneratedFilter {
  readonly filters: unknown;
  readonly passes: (row: Row) => boolean;
}

function generateFilter(random: SeededRandom, table: GeneratedTable): GeneratedFilter {
  const [a, b] = [random.below(10), random.below(10)];
  const id = random.below(Math.max(table.rows.length, 1));
  const filters: readonly GeneratedFilter[] = [
    { filters: { kind: a }, passes: ({ kind }) => kind === a },
    { filters: { kind: op.in([a, b]) }, passes: ({ kind }) => kind === a || kind === b },
    { filters: { kind: op.lt(a) }, passes: ({ kind }) => kind < a },
    { filters: { id: op.gte(id) }, passes: (row) => row.id >= id },
    { filters: [op.or({ kind: a }, { shared: true })], passes: (row) => row.kind === a || row.shared },
    { filters: { kind: 77 }, passes: () => false },
  ];
  return pick(random, filters);
}

const ALL: GeneratedFilter = { filters: undefined, passes: () => true };
const COLUMNS = [['id'], ['id', 'kind'], ['id', 'owner', 'v'], undefined];

export function generateSearch(random: SeededRandom, table: GeneratedTable, caller: Caller): GeneratedSearch {
  const metric = table.indexed !== undefined && random.chance(0.8) ? table.indexed : pick(random, METRICS);
  const { filters, passes } = random.chance(0.4) ? generateFilter(random, table) : ALL;
  const seen = table.rows.filter((row) => row.v !== undefined && table.mayRead(caller, row) && passes(row));
  const way = random.next();
  const isSeveral = way > 0.9;
  const isNear = table.hasKey && table.rows.length > 0 && way < 0.15;
  const compared = isNear
    ? [nearRow(random, table, caller)]
    : Array.from({ length: isSeveral ? 1 + random.below(4) : 1 }, () => ({
        vector: someVector(random, table),
        near: undefined,
      }));
  const similarities = (of: Compared) =>
    new Map(
      seen
        .filter(({ id }) => id !== of.near?.id)
        .map(({ id, v }) => [id, similarityOf(metric, of.vector, v!)]),
    );
  const recall = pick<Recall>(random, ['fast', 'balanced', 'balanced', 'balanced', 'exact']);
  const limit = random.chance(0.85) ? 1 + random.below(12) : pick(random, [30, 100, 1_000, 20_000]);
  const threshold = random.chance(0.25) ? someThreshold(random, similarities(compared[0]!)) : undefined;
  const isTold = random.chance(0.9);
  const given = recall === 'exact' && random.chance(0.5) ? { exact: true } : { recall };
  const options = {
    metric,
    limit,
    ...(recall === 'balanced' && random.chance(0.5) ? {} : given),
    ...(filters !== undefined && { filters }),
    ...(threshold !== undefined && { similarityThreshold: threshold }),
    ...(isTold && { info: true }),
    ...(random.chance(0.1) && { efSearch: 1 + random.below(400) }),
    ...columnsOf(pick(random, COLUMNS)),
    ...(isSeveral
      ? { vectors: compared.map(({ vector }) => vector) }
      : isNear
        ? { near: { id: compared[0]!.near!.id } }
        : { vector: compared[0]!.vector }),
  };
  return {
    ...{ options, caller, metric, limit, recall, threshold, isTold, compared, isSeveral, passes },
    similarities,
  };
}

function columnsOf(columns: readonly string[] | undefined): object {
  return columns === undefined ? {} : { columns };
}

/** Near to rows, as most are, or anywhere. Never zero, which has no direction. */
function someVector(random: SeededRandom, { rows }: GeneratedTable): readonly number[] {
  const base = random.pick(rows)?.v;
  const noise = vectorOf(random, base === undefined || random.chance(0.1) ? 2 : 0.3);
  const vector = base === undefined ? noise : base.map((value, at) => value + noise[at]!);
  return vector.some((value) => value !== 0) ? vector : vector.map(() => 1);
}

/** Mostly one that the caller sees. */
function nearRow(random: SeededRandom, table: GeneratedTable, caller: Caller): Compared {
  let row = pick(random, table.rows);
  for (let tries = 0; tries < 20 && !(table.mayRead(caller, row) && row.v !== undefined); tries++)
    row = pick(random, table.rows);
  return { vector: row.v ?? [], near: row };
}

/** Between those of two rows that follow each other, so that roundings do not decide. */
function someThreshold(random: SeededRandom, similarities: ReadonlyMap<number, number>): number {
  const all = [...similarities.values()].filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
  if (all.length < 2 || random.chance(0.1)) return random.next();
  const at = random.below(Math.min(all.length - 1, 200));
  return (all[at]! + all[at + 1]!) / 2;
}
