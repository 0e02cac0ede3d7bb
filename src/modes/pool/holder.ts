import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallLimits } from '../../contract/mode.ts';

const AHEAD_MS = 100;

/** A transaction that keeps a connection of one pool while its work runs. */
export class Holder {
  readonly #pool: object;
  readonly #around: Holder | undefined;
  /** Of the transaction, on the clock's `now()`. */
  readonly #deadline: number;
  #isHolding = true;

  constructor(pool: object, deadline: number, around: Holder | undefined) {
    this.#pool = pool;
    this.#deadline = deadline;
    this.#around = around;
  }

  get isHolding(): boolean {
    return this.#isHolding;
  }

  release(): void {
    this.#isHolding = false;
  }

  /** A call inside a transaction gives up before it, so that its reason is the one that is told. */
  aheadOfIt(limits: CallLimits, now: number): CallLimits {
    const ahead = Math.min(AHEAD_MS, Math.max(0, this.#deadline - now) / 10);
    return { ...limits, deadline: Math.min(limits.deadline, this.#deadline - ahead) };
  }

  /** Itself, or the one in whose work it was begun. */
  of(pool: object): Holder | undefined {
    return this.#pool === pool && this.#isHolding ? this : this.#around?.of(pool);
  }
}

const holders = new AsyncLocalStorage<Holder>();

/** Runs work that keeps a connection of the pool: who asks the pool for another one meanwhile is known to hold one. */
export async function holdingOne<T>(pool: object, deadline: number, work: () => Promise<T>): Promise<T> {
  const holder = new Holder(pool, deadline, holders.getStore());
  try {
    return await holders.run(holder, work);
  } finally {
    holder.release();
  }
}

/** Who asks now, if that one holds a connection of the pool already. */
export function currentHolder(pool: object): Holder | undefined {
  return holders.getStore()?.of(pool);
}
