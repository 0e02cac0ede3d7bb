import { setImmediate as nextTurn } from 'node:timers/promises';
import { snapshot } from '../consolidated/compile/snapshot.ts';
import type { Clock } from '../contract/clock.ts';
import type { AnswerDifference } from './answer-difference.ts';
import type { BothSides } from './both-sides.ts';
import { differenceOf, isOutOfReach, type SideAnswer } from './compared-answers.ts';
import type { RowsAsked } from './compared-rows.ts';
import type { OperationName } from './rollout-flag.ts';
import type { RoutedRead } from './routed-read.ts';
import type { Side } from './side-choice.ts';

/** The budget of comparisons, which is their own. */
interface ShadowBudget {
  readonly maxConcurrent: number;
  readonly maxPerSecond: number;
  /** Of each read that is sent for a comparison. */
  readonly timeoutMs: number;
  /** Larger answers are not compared. */
  readonly maxRows: number;
}

/** What became of the reads that were drawn for a comparison. */
export interface ShadowCounts {
  /** Both sides said the same. */
  readonly same: number;
  /** They did not, and did so again each time. */
  readonly different: number;
  /** The answers kept changing while they were compared. */
  readonly unsettled: number;
  /** A side could not be reached, or the comparison failed. */
  readonly failed: number;
  /** The budget was used up, or the answer was too large. */
  readonly skipped: number;
}

export type ShadowVerdict = keyof ShadowCounts;

interface ShadowParts {
  readonly budget: ShadowBudget;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told of each read that was drawn. */
  readonly ended?: ((verdict: ShadowVerdict) => void) | undefined;
  readonly differs: (operation: OperationName, table: string, difference: AnswerDifference) => void;
}

type Verdict = AnswerDifference | Exclude<ShadowVerdict, 'different'>;

const CONFIRMATIONS = 3;
/** Between the reads of a confirmation, so that it does not keep step with whoever writes. */
const MAX_PAUSE_MS = 20;

/**
 * Compares what both sides answer to a read that the legacy service has answered already. Nothing of it delays a caller or fails
 * a call.
 *
 * A difference only counts where both sides, asked in turn, say the same again and again, and not the same as each other: then
 * no write in between can be the reason.
 */
export class Shadow<S> {
  readonly #parts: ShadowParts;
  readonly #counts = { same: 0, different: 0, unsettled: 0, failed: 0, skipped: 0 };
  #running = 0;
  #tokens: number;
  #refilledAt: number;

  constructor(parts: ShadowParts) {
    this.#parts = parts;
    this.#tokens = parts.budget.maxPerSecond;
    this.#refilledAt = parts.clock.now();
  }

  get counts(): ShadowCounts {
    return { ...this.#counts };
  }

  /** Undefined where the budget is used up. */
  begin<Options, Result>(
    sides: BothSides<S>,
    read: RoutedRead<S, Options, Result>,
  ): { follow(answer: Promise<Result>): void } | undefined {
    if (!this.#take()) {
      this.#count('skipped');
      return undefined;
    }
    const options = snapshot(read.options);
    return {
      follow: (answer) => {
        // The first to hear of it: the copy is made before the caller can change the rows.
        const legacy = answer.then(
          (value) => this.#copied(value),
          (error: unknown): SideAnswer => ({ error }),
        );
        void this.#compare(sides, { ...read, options }, legacy);
      },
    };
  }

  async #compare<Options, Result>(
    sides: BothSides<S>,
    read: RoutedRead<S, Options, Result>,
    answer: Promise<SideAnswer | undefined>,
  ): Promise<void> {
    const { operation, table } = read;
    try {
      const verdict = await this.#verdict(sides, read, answer);
      this.#count(typeof verdict === 'string' ? verdict : 'different');
      if (typeof verdict !== 'string') this.#parts.differs(operation, table, verdict);
    } catch {
      // Of the comparison itself, such as a value that cannot be compared.
      this.#count('failed');
    } finally {
      this.#running -= 1;
    }
  }

  async #verdict<Options, Result>(
    sides: BothSides<S>,
    read: RoutedRead<S, Options, Result>,
    answer: Promise<SideAnswer | undefined>,
  ): Promise<Verdict> {
    const legacy = await answer;
    if (legacy === undefined) return 'skipped';
    if (isOutOfReach(legacy)) return 'failed';
    // Behind the caller, who goes on with the answer first.
    await nextTurn();
    const { timeoutMs } = this.#parts.budget;
    const limits = { timeoutMs, signal: undefined };
    const asked = rowsAsked(read);
    const ask = (side: Side): Promise<SideAnswer> =>
      answered(() => read.askAgain(sides.of(side), read.options, limits));
    const consolidated = await ask('consolidated');
    if (isOutOfReach(consolidated)) return 'failed';
    if (differenceOf(legacy, consolidated, asked) === undefined) return 'same';
    const askWidely = read.askWidely ?? read.askAgain;
    return this.#confirmed((side) => answered(() => askWidely(sides.of(side), read.options, limits)), asked);
  }

  async #confirmed(ask: (side: Side) => Promise<SideAnswer>, asked: RowsAsked): Promise<Verdict> {
    for (let attempt = 0; attempt < CONFIRMATIONS; attempt++) {
      const verdict = await this.#askedInTurn(ask, asked);
      if (verdict !== 'unsettled') return verdict;
    }
    return 'unsettled';
  }

  /** Legacy, consolidated, legacy, consolidated, legacy. */
  async #askedInTurn(ask: (side: Side) => Promise<SideAnswer>, asked: RowsAsked): Promise<Verdict> {
    const first = await ask('legacy');
    const other = await ask('consolidated');
    if (isOutOfReach(first) || isOutOfReach(other)) return 'failed';
    const difference = differenceOf(first, other, asked);
    if (difference === undefined) return 'same';
    for (const side of ['legacy', 'consolidated', 'legacy'] as const) {
      await this.#pause();
      const again = await ask(side);
      if (isOutOfReach(again)) return 'failed';
      if (differenceOf(side === 'legacy' ? first : other, again, asked) !== undefined) return 'unsettled';
    }
    return difference;
  }

  #count(verdict: ShadowVerdict): void {
    this.#counts[verdict] += 1;
    this.#parts.ended?.(verdict);
  }

  #pause(): Promise<void> {
    const { clock, random } = this.#parts;
    return new Promise((resolve) => void clock.schedule(resolve, random() * MAX_PAUSE_MS));
  }

  /** Undefined where it is too large, or holds what cannot be copied. */
  #copied(value: unknown): SideAnswer | undefined {
    const rows = typeof value === 'object' && value !== null && 'rows' in value ? value.rows : value;
    if (Array.isArray(rows) && rows.length > this.#parts.budget.maxRows) return undefined;
    try {
      return { value: structuredClone(value) };
    } catch {
      return undefined;
    }
  }

  #take(): boolean {
    const { budget, clock } = this.#parts;
    const now = clock.now();
    const gained = ((now - this.#refilledAt) / 1_000) * budget.maxPerSecond;
    this.#tokens = Math.min(budget.maxPerSecond, this.#tokens + gained);
    this.#refilledAt = now;
    if (this.#running >= budget.maxConcurrent || this.#tokens < 1) return false;
    this.#tokens -= 1;
    this.#running += 1;
    return true;
  }
}

async function answered(ask: () => Promise<unknown>): Promise<SideAnswer> {
  try {
    return { value: await ask() };
  } catch (error) {
    return { error };
  }
}

function rowsAsked<S, Options, Result>({
  operation,
  order = [],
  isPage = false,
}: RoutedRead<S, Options, Result>): RowsAsked {
  return { order, isPage, isSearch: operation === 'vectorSearch', hasColumns: operation !== 'rpc' };
}
