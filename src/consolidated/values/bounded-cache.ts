import { LRUCache } from 'lru-cache';
import { NOTHING } from './plain-object.ts';

interface Bounds<Key, Value> {
  readonly max: number;
  /** Of all sizes together. Given with `sizeCalculation`. */
  readonly maxSize?: number;
  readonly sizeCalculation?: (value: Value, key: Key) => number;
}

/** The library reads its options by inheritance, also where none were given, and writes to them. */
const none = (): Record<never, never> => ({ __proto__: NOTHING });

/** The same of every `get`, each of which puts in its place what the last one has written: one object less for each call. */
const reading: { status: unknown } = {
  __proto__: NOTHING,
  allowStale: undefined,
  updateAgeOnGet: undefined,
  noDeleteOnStaleGet: undefined,
  status: undefined,
} as { status: unknown };

/** For the `get` of a cache of the library. Its type of `status` names the types of the cache, and there is none. */
export function readingOptions<Key extends {}, Value extends {}>(): LRUCache.GetOptions<Key, Value, unknown> {
  reading.status = undefined;
  return reading as LRUCache.GetOptions<Key, Value, unknown>;
}

/** Values by key up to a bound; the least recently used ones are dropped first. */
export class BoundedCache<Key extends string | number, Value extends object | true> {
  readonly #kept: LRUCache<Key, Value>;

  constructor(bounds: Bounds<Key, Value>) {
    this.#kept = new LRUCache<Key, Value>({ __proto__: NOTHING, ...bounds } as Bounds<Key, Value>);
  }

  get size(): number {
    return this.#kept.size;
  }

  has(key: Key): boolean {
    return this.#kept.has(key, none());
  }

  get(key: Key): Value | undefined {
    return this.#kept.get(key, readingOptions<Key, Value>());
  }

  set(key: Key, value: Value): void {
    this.#kept.set(key, value, none());
  }

  delete(key: Key): void {
    this.#kept.delete(key);
  }
}
