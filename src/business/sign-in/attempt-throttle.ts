import { createHash } from 'node:crypto';
import { BoundedCache } from '../../consolidated/values/bounded-cache.ts';
import type { Clock } from '../../contract/clock.ts';
import { ThrottledError } from '../../contract/errors.ts';
import { clientNetwork } from './client-network.ts';

/** How many failures are free, and how the delay behind them grows: doubled by each, up to the most. */
interface Allowance {
  readonly free: number;
  readonly mostDelayMs: number;
}

/** Who tries what. */
interface Attempted {
  readonly account: string;
  /** Of the client, where it is known. */
  readonly address: string | undefined;
}

/** What failed since `FORGOTTEN_AFTER_MS`, attempts that still run included. */
interface Counted {
  failures: number;
  lastAt: number;
  /** How many attempts there were. */
  attempts: number;
}

/** An attempt at one place, and what there was before it. */
interface Entry {
  readonly counted: Counted;
  readonly attempt: number;
  readonly lastAtBefore: number;
}

/** An attempt that was let in. It counts as a failure until it is told otherwise. */
interface Attempt {
  /** The password was right: what this account failed from this address is forgotten. */
  succeeded(): void;
  /** It was not tried: the database could not be reached, or nobody had time for it. */
  withdrawn(): void;
}

const FIRST_DELAY_MS = 1_000;
const FORGOTTEN_AFTER_MS = 3_600_000;
const MOST_ENTRIES = 100_000;

/** One account from one address: who mistypes a password notices little, who guesses it gets four tries an hour. */
const OF_BOTH: Allowance = { free: 5, mostDelayMs: 900_000 };
/** Many addresses guess at one account. The delay is short: it meets the owner too. */
const OF_ACCOUNT: Allowance = { free: 20, mostDelayMs: 30_000 };
/** One address tries many accounts. An office shares one. */
const OF_ADDRESS: Allowance = { free: 50, mostDelayMs: 900_000 };

/**
 * Slows down who guesses passwords, in this process: by account and address together, by account, and by address.
 *
 * An attempt counts before it is made, so that a thousand at once are no more than one after the other. What is kept is bounded,
 * and holds hashes of accounts and addresses; the least recently tried are dropped first. Whether an account exists makes no
 * difference.
 */
export class AttemptThrottle {
  readonly #clock: Clock;
  readonly #counted = new BoundedCache<string, Counted>({ max: MOST_ENTRIES });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws ThrottledError `TOO_MANY_ATTEMPTS`, with `retryAfterMs` */
  enter({ account, address: given }: Attempted): Attempt {
    const address = given === undefined ? undefined : clientNetwork(given);
    const places = [
      { key: keyOf('account', account), allowance: OF_ACCOUNT },
      ...(address === undefined ? [] : [{ key: keyOf('address', address), allowance: OF_ADDRESS }]),
      { key: keyOf('both', account, address ?? ''), allowance: OF_BOTH },
    ];
    const now = this.#clock.now();
    const waits = places.map(({ key, allowance }) => waitOf(this.#current(key, now), allowance, now));
    const retryAfterMs = Math.max(...waits);
    if (retryAfterMs > 0) {
      throw new ThrottledError('Too many failed attempts to sign in to this account or from this address.', {
        code: 'TOO_MANY_ATTEMPTS',
        retryAfterMs: Math.ceil(retryAfterMs),
      });
    }
    const entered = places.map(({ key }) => this.#count(key, now));
    const withdrawn = once(() => {
      for (const entry of entered) withdraw(entry);
    });
    return {
      withdrawn,
      succeeded() {
        withdrawn();
        // Not what the address failed: whoever has one account there could guess at all others in between.
        const both = entered.at(-1)?.counted;
        if (both !== undefined) both.failures = 0;
      },
    };
  }

  #current(key: string, now: number): Counted | undefined {
    const counted = this.#counted.get(key);
    return counted === undefined || now - counted.lastAt >= FORGOTTEN_AFTER_MS ? undefined : counted;
  }

  #count(key: string, now: number): Entry {
    const counted = this.#current(key, now) ?? { failures: 0, lastAt: now, attempts: 0 };
    const lastAtBefore = counted.lastAt;
    counted.failures += 1;
    counted.attempts += 1;
    counted.lastAt = now;
    this.#counted.set(key, counted);
    return { counted, attempt: counted.attempts, lastAtBefore };
  }
}

/** Who signs in neither waits nor lets others wait for what failed before. A later attempt may have failed: its time stays. */
function withdraw({ counted, attempt, lastAtBefore }: Entry): void {
  counted.failures = Math.max(0, counted.failures - 1);
  if (counted.attempts === attempt) counted.lastAt = lastAtBefore;
}

function waitOf(counted: Counted | undefined, { free, mostDelayMs }: Allowance, now: number): number {
  if (counted === undefined || counted.failures < free) return 0;
  const delay = Math.min(mostDelayMs, FIRST_DELAY_MS * 2 ** (counted.failures - free));
  return counted.lastAt + delay - now;
}

/** Of a fixed length, however long what a client sends. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function once(fn: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    fn();
  };
}
