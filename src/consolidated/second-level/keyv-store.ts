import type { SecondLevelStore } from '../typed/second-level-store.ts';

/** The part of Keyv that is needed, of version 5 or 6. */
export interface KeyvLike {
  /** Values in the order of the keys, each `undefined` where there is none. */
  getMany(keys: string[]): Promise<readonly unknown[]>;
  /** Resolves with `false` where it did not store the value. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
}

/**
 * A second level of the cache in whatever Keyv stores in: Redis, Valkey, Memcached. Give Keyv a listener for `error`, which
 * has the store's own words; the service tells that it does not answer, and never why.
 *
 * @example
 * ```ts
 * const keyv = new Keyv(new KeyvRedis(process.env.REDIS_URL));
 * keyv.on('error', (error) => console.error(error));
 * const db = createDatabaseService({ cache: { secondLevel: { store: keyvStore(keyv) } } });
 * ```
 */
export function keyvStore(keyv: KeyvLike): SecondLevelStore {
  return {
    async getMany(keys) {
      const values = await keyv.getMany([...keys]);
      return values.map((value) => (typeof value === 'string' ? value : undefined));
    },
    async set(key, value, ttlMs) {
      // Keyv tells its listeners why, and its caller that.
      if ((await keyv.set(key, value, ttlMs)) === false) throw new Error('Keyv did not store the value.');
    },
  };
}
