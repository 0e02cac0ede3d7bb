import { rotated } from '../../src/bench/statistics.ts';
import type { BenchMode, Target } from '../contender.ts';
import type { OpenSearch, VectorContender, VectorContenderName } from './contender.ts';
import type { DataName } from './data-source.ts';
import { describeSet, type SearchSet } from './search-set.ts';
import { type Answered, type Tally, Tallying } from './tally.ts';
import type { Query } from './truth.ts';

/** Everything that is the same for all contenders of a comparison. */
export interface Cell {
  readonly data: DataName;
  readonly mode: BenchMode;
  readonly set: SearchSet;
  readonly limit: number;
}

export interface Measurement extends Cell {
  readonly contender: VectorContenderName;
  readonly plan: string;
  readonly tally: Tally;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Unmeasured calls of each contender in each cell, before the first round. */
  readonly firstCalls: number;
  /** Called before each turn. */
  readonly onProgress: (text: string) => void;
}

export interface MeasuredCell {
  readonly cell: Cell;
  /** Those of the first calls, then those that the rounds share. */
  readonly queries: readonly Query[];
}

interface Entrant {
  readonly contender: VectorContender;
  readonly open: OpenSearch;
}

/** How a cell is told from the others of its data and mode. */
export function describeCell({ set, limit }: Pick<Cell, 'set' | 'limit'>): string {
  return `${describeSet(set)}, limit ${limit}`;
}

/**
 * Measures all contenders in all cells of one mode. Each keeps its connections, and what it has learned, from the first cell
 * to the last: a service serves owners of few rows and of many at once. In each round every cell has its turn, with
 * queries that it has in no other round, and in it every contender with the same queries, in an order that rotates.
 */
export async function measureCells(
  target: Target,
  cells: readonly MeasuredCell[],
  contenders: readonly VectorContender[],
  { rounds, firstCalls, onProgress }: MeasureOptions,
): Promise<readonly Measurement[]> {
  const entrants: Entrant[] = [];
  try {
    for (const contender of contenders) entrants.push({ contender, open: await contender.open(target) });
    const tallies = new Map(
      cells.map(({ cell }) => [cell, new Map(contenders.map(({ name }) => [name, new Tallying()]))]),
    );
    const tallyOf = ({ cell }: MeasuredCell, { contender }: Entrant) =>
      tallies.get(cell)!.get(contender.name)!;
    for (const [at, measured] of cells.entries()) {
      for (const entrant of rotated(entrants, at)) {
        onProgress(`first calls: ${describeCell(measured.cell)}, ${entrant.contender.name}`);
        const queries = measured.queries.slice(0, firstCalls);
        await counted(measured, entrant, async () =>
          tallyOf(measured, entrant).addFirst(await turn(measured.cell, queries, entrant)),
        );
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const [at, measured] of rotated([...cells.entries()], round)) {
        const queries = queriesOfRound(measured.queries.slice(firstCalls), round, rounds);
        for (const entrant of rotated(entrants, round + at)) {
          onProgress(
            `round ${round + 1} of ${rounds}: ${describeCell(measured.cell)}, ${entrant.contender.name}`,
          );
          await counted(measured, entrant, async () =>
            tallyOf(measured, entrant).addRound(await turn(measured.cell, queries, entrant)),
          );
        }
      }
    }
    const results: Measurement[] = [];
    for (const measured of cells) {
      for (const entrant of entrants) {
        const { cell, queries } = measured;
        const plan = await entrant.open.plan(searchOf(cell, queries[0]!));
        results.push({ ...cell, contender: entrant.contender.name, plan, tally: tallyOf(measured, entrant) });
      }
    }
    return results;
  } finally {
    await Promise.all(entrants.map(({ open }) => open.close()));
  }
}

/** The part of the queries that this round has. */
export function queriesOfRound<T>(queries: readonly T[], round: number, rounds: number): readonly T[] {
  const start = (of: number) => Math.floor((queries.length * of) / rounds);
  return queries.slice(start(round), start(round + 1));
}

async function turn(cell: Cell, queries: readonly Query[], { open }: Entrant): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const query of queries) {
    const search = searchOf(cell, query);
    const before = performance.now();
    const rows = await open.search(search);
    answers.push({ query, search, rows, ms: performance.now() - before });
  }
  return answers;
}

function searchOf({ set: { table, person }, limit }: Cell, { vector }: Query) {
  return { table, person, vector, limit };
}

/** An error says in which cell, and whose. */
async function counted(
  { cell }: MeasuredCell,
  { contender }: Entrant,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new Error(`${contender.name} failed in ${cell.data}, ${cell.mode}, ${describeCell(cell)}.`, {
      cause,
    });
  }
}
