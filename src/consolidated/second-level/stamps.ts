import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../contract/clock.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import type { StoreAccess } from './store-access.ts';

/** What this process knows of changes, by the name of a table or a tag; 'everything' stands for all of them. */
export interface KnownTouches {
  /** Of whatever begins now. */
  readonly now: number;
  /** The generation of the last touch by this name, 0 without one. */
  touchedAt(name: string): number;
  /** Until then, on the clock's `now()`, a write may still be applied. */
  unsettledUntil(name: string): number;
}

export const EVERYTHING = 'everything';

/** Who made it, and its number among all that they have made. */
const STAMP = /^([\w-]{16})\.(\d{1,15})$/;
const MAKER_BYTES = 12;
/** As long as any answer may be kept. One that is gone is made anew, which outdates what has the old one. */
const STAMP_TTL_MS = 86_400_000;
const MAX_NAMES = 20_000;
const MAX_PENDING = 1_000;
/** Those who have changed one table; each has a name of its own. */
const MAX_MAKERS = 100;

/** What is known of the stamp of one name. */
class NameStamp {
  /** Every touch up to this generation is older than a stamp that the store has acknowledged. */
  generation = 0;
  /** When that one was sent, on the clock's `now()`. */
  sentAt = Number.NEGATIVE_INFINITY;
  /** An answer was looked for that depends on it. */
  isAsked = false;
  #current: string | undefined;
  /** By maker, the newest of theirs that never comes back: it is replaced, or older than one that was seen. */
  readonly #gone = new Map<string, number>();
  sending: Promise<string | undefined> | undefined;

  /** It may be the current one: it is one, and none that others have followed. */
  mayBe(stamp: string): boolean {
    const { maker, number } = partsOf(stamp);
    return number > (this.#gone.get(maker) ?? 0);
  }

  become(stamp: string): void {
    if (stamp === this.#current) return;
    if (this.#current !== undefined) {
      const { maker, number } = partsOf(this.#current);
      this.#forget(maker, number);
    }
    this.#current = stamp;
    const { maker, number } = partsOf(stamp);
    // Those that the store did not acknowledge may still get there, and so may one that is sent twice.
    this.#forget(maker, number - 1);
  }

  #forget(maker: string, upTo: number): void {
    const newest = Math.max(upTo, this.#gone.get(maker) ?? 0);
    this.#gone.delete(maker);
    this.#gone.set(maker, newest);
    if (this.#gone.size <= MAX_MAKERS) return;
    const [oldest] = this.#gone.keys();
    if (oldest !== undefined) this.#gone.delete(oldest);
  }
}

/** The number is 0 for what is no stamp. */
function partsOf(stamp: string): { readonly maker: string; readonly number: number } {
  const [, maker = '', number = '0'] = STAMP.exec(stamp) ?? [];
  return { maker, number: Number(number) };
}

/**
 * A text for each table and tag that is like no other, in the store itself, in place of a clock that processes would have to share.
 *
 * Who knows of a change puts another stamp there. An answer carries those that stood in the store before it was read from the
 * database, and is good as long as they stand there. So whoever has put a stamp behind a change, and then finds an answer
 * with it, or with a later one, knows that it was read behind the change, whoever read it and whatever their clocks say.
 */
export class Stamps {
  readonly #access: StoreAccess;
  readonly #touches: KnownTouches;
  readonly #clock: Clock;
  readonly #database: string;
  readonly #names = new BoundedCache<string, NameStamp>({ max: MAX_NAMES });
  /** Not acknowledged, and to be put there when the store answers again. */
  readonly #pending = new Set<string>();
  readonly #sending = new Set<Promise<unknown>>();
  readonly #maker = randomBytes(MAKER_BYTES).toString('base64url');
  #made = 0;

  /** @param database tells databases in one store apart */
  constructor(access: StoreAccess, touches: KnownTouches, clock: Clock, database: string) {
    this.#access = access;
    this.#touches = touches;
    this.#clock = clock;
    this.#database = database;
  }

  /** Where it stands in the store. It depends on no key: who has another one must hear of changes all the same. */
  placeOf(name: string): string {
    return `cdb:stamp:${createHash('sha256').update(`${this.#database}\0${name}`).digest('base64url')}`;
  }

  /** An answer depends on it. True where the store's stamp is newer than all that this process knows of changes of the name. */
  ask(name: string): boolean {
    const known = this.#of(name);
    known.isAsked = true;
    const touches = this.#touches;
    return touches.touchedAt(name) <= known.generation && known.sentAt >= touches.unsettledUntil(name);
  }

  /** False for what the store should not have: nothing, no stamp, or one that others have followed, so that writes were lost. */
  accept(name: string, stamp: string | undefined): stamp is string {
    const known = this.#of(name);
    if (stamp === undefined || !known.mayBe(stamp)) return false;
    known.become(stamp);
    return true;
  }

  /** Puts a new stamp behind all that is known by now. Undefined where the store did not acknowledge it: it is tried again later. */
  renew(name: string): Promise<string | undefined> {
    const known = this.#of(name);
    if (known.sending === undefined) {
      const sending = this.#renewed(name, known).finally(() => {
        known.sending = undefined;
        this.#sending.delete(sending);
      });
      known.sending = sending;
      this.#sending.add(sending);
    }
    return known.sending;
  }

  /** What others have told: of use only to who has looked for such answers. Who looks later puts a stamp first. */
  renewAsked(name: string): void {
    if (this.#of(name).isAsked) void this.renew(name);
  }

  /** The store answers again. */
  renewPending(): void {
    const names = [...this.#pending];
    this.#pending.clear();
    for (const name of names) void this.renew(name);
  }

  /** All that was to be put there is there, or will not be. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  async #renewed(name: string, known: NameStamp): Promise<string | undefined> {
    for (;;) {
      const generation = this.#touches.now;
      const sentAt = this.#clock.now();
      this.#made += 1;
      const stamp = `${this.#maker}.${this.#made}`;
      const isThere = await this.#access.run(async (store) => {
        await store.set(this.placeOf(name), stamp, STAMP_TTL_MS);
        return true;
      });
      if (isThere !== true) {
        this.#later(name);
        return undefined;
      }
      known.become(stamp);
      known.generation = generation;
      known.sentAt = sentAt;
      // Of what was touched while it was sent it says nothing.
      if (this.#touches.touchedAt(name) <= generation) return stamp;
    }
  }

  #later(name: string): void {
    if (this.#pending.has(EVERYTHING)) return;
    if (this.#pending.size >= MAX_PENDING) {
      this.#pending.clear();
      this.#pending.add(EVERYTHING);
    } else this.#pending.add(name);
  }

  #of(name: string): NameStamp {
    let known = this.#names.get(name);
    if (known === undefined) {
      known = new NameStamp();
      this.#names.set(name, known);
    }
    return known;
  }
}
