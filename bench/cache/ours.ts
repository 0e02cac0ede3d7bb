import { createDatabaseService, user } from '../../src/index.ts';
import { type BenchSchema, NOTE_COLUMNS } from '../contenders/consolidated-db.ts';
import type { CachingContender } from './contender.ts';

/** Ours, through the public API: a handle for the caller, then the method, as a request handler would. */
export const ours: CachingContender = {
  name: 'consolidated-db',
  recipe: 'select with cache: true; nothing is said of what a write outdates',
  open: async ({ url, connections }) => {
    const db = createDatabaseService<BenchSchema>({
      direct: url,
      pools: { direct: { max: connections, idleTimeoutMs: 3_600_000 } },
      onWarning: () => {},
    });
    return {
      async read({ person, id }) {
        const [note] = await db
          .as(user(person.claims))
          .select('bench_notes', { columns: NOTE_COLUMNS, filters: { id }, cache: true });
        return note?.title;
      },
      async write({ person, id }, title) {
        await db.as(user(person.claims)).update('bench_notes', { title }, { filters: { id } });
      },
      hitShare() {
        const { hits, stale, shared, misses } = db.cache.stats();
        return (hits + stale + shared) / Math.max(1, hits + stale + shared + misses);
      },
      close: () => db.close(),
    };
  },
};
