import { LRUCache } from 'lru-cache';
import type { StatementKind } from '../../contract/statement.ts';
import type { CallResult } from '../call/ready-statement.ts';
import type { Touched } from '../call/touched.ts';
import { readingOptions } from '../values/bounded-cache.ts';
import { NOTHING } from '../values/plain-object.ts';
import { Generations } from './generations.ts';

/** What an answer was read from, and for how long it may be given. */
export interface Kept {
  readonly result: CallResult;
  /** Generation in which reading it began. */
  readonly since: number;
  /** Tables and tags whose touch outdates it. */
  readonly dependsOn: readonly string[];
  /** It is given only to those who say how old it may be: the time or a setting decides it too. */
  readonly isForStatedTime: boolean;
  /** Epoch of the catalog that it was compiled with. */
  readonly epoch: number;
  readonly kind: StatementKind;
  readonly target: string | undefined;
  /** When reading it began, on the clock's `now()`. Each reader says how old an answer may be. */
  readonly readAt: number;
  /** It is given no longer, whoever asks. */
  readonly usableUntil: number;
}

/** Of the map, the lists of the library and the entry itself. */
const ENTRY_BYTES = 400;

/**
 * Answers by key, bounded in bytes; the least recently used are dropped first.
 *
 * Invariant: what it gives was read after the last touch of everything that it depends on.
 */
export class ReadCache {
  readonly maxBytes: number;
  readonly #kept: LRUCache<string, Kept>;
  readonly generations = new Generations();
  #evictions = 0;
  #isUsed = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.#kept = new LRUCache<string, Kept>({
      __proto__: NOTHING,
      maxSize: maxBytes,
      // One answer must not take the place of all others.
      maxEntrySize: Math.ceil(maxBytes / 8),
      dispose: (_value: Kept, _key: string, reason: string) => {
        if (reason === 'evict') this.#evictions += 1;
      },
    } as LRUCache.Options<string, Kept, unknown>);
  }

  /** What is kept under the key and may still be given, fresh or not. */
  get(key: string, now: number): Kept | undefined {
    this.#isUsed = true;
    const kept = this.#kept.get(key, readingOptions<string, Kept>());
    if (kept === undefined) return undefined;
    if (now < kept.usableUntil && this.generations.isCurrent(kept.since, kept.dependsOn)) return kept;
    this.#kept.delete(key);
    return undefined;
  }

  /**
   * Keeps an answer, unless something that it depends on was touched since its reading began.
   *
   * @param bytes of the result
   */
  set(key: string, kept: Kept, bytes: number): boolean {
    const { since, dependsOn, readAt } = kept;
    const { generations } = this;
    if (!generations.isCurrent(since, dependsOn)) return false;
    // What was read before can be without the write, however late its answer comes.
    if (!generations.isSettled(dependsOn, readAt)) return false;
    this.#kept.set(key, kept, { __proto__: NOTHING, size: ENTRY_BYTES + key.length + bytes } as object);
    return true;
  }

  touch(touched: Touched): void {
    this.generations.touch(touched);
    // What is outdated is found out when it is asked for. All of it together is memory that nobody needs.
    if (touched === 'everything') this.#kept.clear();
  }

  /** Something was asked for: without that, nothing is kept that could be outdated. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  get entries(): number {
    return this.#kept.size;
  }

  get evictions(): number {
    return this.#evictions;
  }
}
