import type { FoundRow, Search } from './contender.ts';
import { recallOf, rowsWanted } from './recall.ts';
import type { Query } from './truth.ts';

/** A search, the rows that were found, and how long it took. */
export interface Answered {
  readonly query: Query;
  readonly search: Search;
  readonly rows: readonly FoundRow[];
  readonly ms: number;
}

/** What one contender did in one cell. */
export interface Tally {
  /** Milliseconds of each call, for each round. */
  readonly rounds: readonly (readonly number[])[];
  /** Of each measured call. */
  readonly recalls: readonly number[];
  /** Of the calls before the first round: what those get who call a service that has just started. */
  readonly firstRecalls: readonly number[];
  /** Calls with fewer rows than there are within the limit, the first ones among them. */
  readonly short: number;
  /** Calls whose rows were not sorted, the first ones among them. */
  readonly unsorted: number;
}

/** Counts what is in answers, after they were timed. */
export class Tallying implements Tally {
  readonly rounds: number[][] = [];
  readonly recalls: number[] = [];
  readonly firstRecalls: number[] = [];
  short = 0;
  unsorted = 0;

  addFirst(answers: readonly Answered[]): void {
    this.firstRecalls.push(...answers.map((answer) => this.#judge(answer)));
  }

  addRound(answers: readonly Answered[]): void {
    this.recalls.push(...answers.map((answer) => this.#judge(answer)));
    this.rounds.push(answers.map(({ ms }) => ms));
  }

  /** The recall. Throws for a row that the searcher may not see: then nothing else counts. */
  #judge({ query: { truth }, search: { person, limit }, rows }: Answered): number {
    const foreign = rows.filter(({ owner }) => owner !== person.sub).length;
    if (foreign > 0) throw new Error(`${foreign} of ${rows.length} rows belong to another owner.`);
    if (rows.length < rowsWanted(truth, limit)) this.short += 1;
    if (rows.some(({ similarity }, at) => at > 0 && similarity > rows[at - 1]!.similarity))
      this.unsorted += 1;
    return recallOf(
      rows.map(({ id }) => Number(id)),
      truth,
      limit,
    );
  }
}
