import { timingSafeEqual } from 'node:crypto';
import { BoundedCache } from '../../consolidated/values/bounded-cache.ts';
import type { Clock } from '../../contract/clock.ts';
import { OverloadedError } from '../../contract/errors.ts';
import type { FoundKey } from './api-keys-schema.ts';

interface LookupsParts {
  /** Asks the database for the key with this hash, in hex. */
  readonly find: (hash: string) => Promise<FoundKey | undefined>;
  readonly clock: Clock;
  readonly rememberMs: number;
  readonly maxKeys: number;
  readonly maxLookups: number;
}

/** What the database said, and when it was asked. */
interface Answered {
  readonly askedAt: number;
  readonly epoch: number;
  readonly key: FoundKey;
}

interface Asking {
  readonly askedAt: number;
  readonly epoch: number;
  readonly answer: Promise<FoundKey | undefined>;
}

/**
 * Keys by their hash, remembered for a moment.
 *
 * An answer is used for `rememberMs` from the moment before its question was sent. So a key that was revoked longer ago is never
 * accepted, whatever happened to connections meanwhile.
 */
export class KeyLookups {
  readonly #parts: LookupsParts;
  /** By hash. What is too old to be used stays: it tells a key that was good before from one that nobody has seen. */
  readonly #answered: BoundedCache<string, Answered>;
  readonly #asking = new Map<string, Asking>();
  /** Lookups that run of keys which nobody has seen. */
  #strangers = 0;
  /** Raised with each change of a key that is heard of: what was asked before is not used any more. */
  #epoch = 0;

  constructor(parts: LookupsParts) {
    this.#parts = parts;
    this.#answered = new BoundedCache({ max: parts.maxKeys });
  }

  /** How many keys are remembered, those that will be asked for again included. */
  get size(): number {
    return this.#answered.size;
  }

  /** Some key has changed. */
  outdate(): void {
    this.#epoch += 1;
  }

  /**
   * The key with this hash, where there is a valid one.
   *
   * @throws OverloadedError `API_KEY_LOOKUPS_FULL`
   */
  async get(hash: Buffer): Promise<FoundKey | undefined> {
    const name = hash.toString('hex');
    const known = this.#answered.get(name);
    const key = known !== undefined && this.#isFresh(known) ? known.key : await this.#ask(name, known);
    // The index has compared the hashes already. This one takes as long for every difference.
    return key !== undefined && timingSafeEqual(Buffer.from(key.key_hash, 'hex'), hash) ? key : undefined;
  }

  #isFresh({ askedAt, epoch }: Pick<Answered, 'askedAt' | 'epoch'>): boolean {
    return epoch === this.#epoch && this.#parts.clock.now() - askedAt < this.#parts.rememberMs;
  }

  #ask(name: string, known: Answered | undefined): Promise<FoundKey | undefined> {
    const running = this.#asking.get(name);
    if (running !== undefined && this.#isFresh(running)) return running.answer;
    // Who sends made-up keys takes these places, never those of keys that were good a moment ago.
    const isStranger = known === undefined;
    if (isStranger && this.#strangers >= this.#parts.maxLookups) {
      throw new OverloadedError('Too many unknown API keys are being looked up.', {
        code: 'API_KEY_LOOKUPS_FULL',
        retryAfterMs: 1_000,
      });
    }
    const started = { askedAt: this.#parts.clock.now(), epoch: this.#epoch };
    const asking: Asking = { ...started, answer: this.#answer(name, started, isStranger) };
    this.#asking.set(name, asking);
    const over = (): void => {
      if (this.#asking.get(name) === asking) this.#asking.delete(name);
    };
    asking.answer.then(over, over);
    return asking.answer;
  }

  async #answer(
    name: string,
    started: Pick<Answered, 'askedAt' | 'epoch'>,
    isStranger: boolean,
  ): Promise<FoundKey | undefined> {
    if (isStranger) this.#strangers += 1;
    try {
      const key = await this.#parts.find(name);
      if (key === undefined) this.#answered.delete(name);
      else this.#answered.set(name, { ...started, key });
      return key;
    } finally {
      if (isStranger) this.#strangers -= 1;
    }
  }
}
