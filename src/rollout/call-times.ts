import type { Clock } from '../contract/clock.ts';
import { DatabaseError } from '../contract/errors.ts';
import type { OperationName } from './rollout-flag.ts';
import type { Side } from './side-choice.ts';

/** Names of tables come from code, but a mistake there must not fill the memory. */
const MAX_KINDS = 500;
const OTHER = 'other';
/** Of each kind and side. Under more load the window is shorter. */
const MAX_SAMPLES = 500;

interface Sample {
  readonly endedAt: number;
  readonly ms: number;
  readonly isFault: boolean;
}

/** What the calls of one side have shown within the window. */
export interface SideCalls {
  readonly calls: number;
  readonly faults: number;
}

/** Calls of one operation to one table. */
export class KindOfCall {
  readonly operation: OperationName;
  readonly table: string;
  readonly #samples: { readonly [side in Side]: Sample[] } = { legacy: [], consolidated: [] };
  readonly #begun: { readonly [side in Side]: Set<{ readonly at: number }> } = {
    legacy: new Set(),
    consolidated: new Set(),
  };
  /** Since the rollout was made. */
  readonly totals: { readonly [side in Side]: { calls: number; faults: number } } = {
    legacy: { calls: 0, faults: 0 },
    consolidated: { calls: 0, faults: 0 },
  };

  constructor(operation: OperationName, table: string) {
    this.operation = operation;
    this.table = table;
  }

  begin(side: Side, at: number): { readonly at: number } {
    const begun = { at };
    this.#begun[side].add(begun);
    return begun;
  }

  end(side: Side, begun: { readonly at: number }, endedAt: number, isFault: boolean): void {
    this.totals[side].calls += 1;
    if (isFault) this.totals[side].faults += 1;
    // One that began before all was forgotten is forgotten too.
    if (!this.#begun[side].delete(begun)) return;
    const samples = this.#samples[side];
    samples.push({ endedAt, ms: endedAt - begun.at, isFault });
    if (samples.length > MAX_SAMPLES * 2) samples.splice(0, samples.length - MAX_SAMPLES);
  }

  /** @param since only calls that ended later */
  calls(side: Side, since: number): SideCalls {
    let calls = 0;
    let faults = 0;
    for (const { endedAt, isFault } of this.#samples[side]) {
      if (endedAt <= since) continue;
      calls += 1;
      if (isFault) faults += 1;
    }
    return { calls, faults };
  }

  /** 0 without calls. */
  p95Ms(side: Side, since: number): number {
    const within = this.#samples[side].filter(({ endedAt }) => endedAt > since).map(({ ms }) => ms);
    within.sort((one, other) => one - other);
    return within[Math.ceil(within.length * 0.95) - 1] ?? 0;
  }

  /** Calls that have no answer yet after this time. */
  waitingLonger(side: Side, ms: number, now: number): number {
    let waiting = 0;
    for (const { at } of this.#begun[side]) if (now - at > ms) waiting += 1;
    return waiting;
  }

  forget(): void {
    for (const side of ['legacy', 'consolidated'] as const) {
      this.#samples[side].length = 0;
      this.#begun[side].clear();
    }
  }
}

type CallTold = (kind: KindOfCall, side: Side, ms: number, isFault: boolean) => void;

/** What each call took, by operation, table and side. */
export class CallTimes {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, KindOfCall>();
  readonly #told: CallTold | undefined;

  /** @param told - of each call when it has ended */
  constructor(clock: Clock, told?: CallTold) {
    this.#clock = clock;
    this.#told = told;
  }

  get kinds(): Iterable<KindOfCall> {
    return this.#kinds.values();
  }

  async of<Result>(
    operation: OperationName,
    table: string,
    side: Side,
    ask: () => Promise<Result>,
  ): Promise<Result> {
    const kind = this.#kindOf(operation, table);
    const begun = kind.begin(side, this.#clock.now());
    let isFault = false;
    try {
      return await ask();
    } catch (error) {
      isFault = isFaultOfSide(error);
      throw error;
    } finally {
      const now = this.#clock.now();
      kind.end(side, begun, now, isFault);
      this.#told?.(kind, side, now - begun.at, isFault);
    }
  }

  forget(): void {
    for (const kind of this.#kinds.values()) kind.forget();
  }

  #kindOf(operation: OperationName, table: string): KindOfCall {
    const key = `${operation} ${table}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    // One for each operation shares what is beyond: these are few.
    if (this.#kinds.size >= MAX_KINDS && table !== OTHER) return this.#kindOf(operation, OTHER);
    const made = new KindOfCall(operation, table);
    this.#kinds.set(key, made);
    return made;
  }
}

/** What a request causes says nothing of the side, and neither does a caller who gave up. */
function isFaultOfSide(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return error.statusCode >= 500 && error.code !== 'ABORTED';
}
