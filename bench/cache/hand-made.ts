import { LRUCache } from 'lru-cache';
import postgres from 'postgres';
import type { CachingContender } from './contender.ts';

interface NoteRow {
  readonly title: string;
}

/** What is built by hand: the rows by user and note, all of them dropped after a write to the table. */
export const handMade: CachingContender = {
  name: 'postgres.js + lru-cache',
  recipe:
    'one lru-cache for the table, keyed by user and id, cleared after each write; sql.begin: set_config, statement',
  open: async ({ url, connections }) => {
    const sql = postgres(url, { max: connections, ssl: false, fetch_types: false, max_lifetime: null });
    const notes = new LRUCache<string, readonly NoteRow[]>({ max: 50_000, ttl: 60_000 });
    let reads = 0;
    let hits = 0;

    const as = <T>(claims: object, work: (tx: postgres.TransactionSql) => Promise<T>) =>
      sql.begin(async (tx) => {
        await tx`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
        return work(tx);
      });

    return {
      async read({ person, id }) {
        reads += 1;
        const key = `${person.sub}:${id}`;
        const kept = notes.get(key);
        if (kept !== undefined) {
          hits += 1;
          return kept[0]?.title;
        }
        const rows = await as(
          person.claims,
          (tx) =>
            tx<NoteRow[]>`select id, user_id, title, done, created_at from bench_notes where id = ${id}`,
        );
        notes.set(key, rows as readonly NoteRow[]);
        return (rows as readonly NoteRow[])[0]?.title;
      },
      async write({ person, id }, title) {
        await as(
          person.claims,
          (tx) => tx`
            update bench_notes set title = ${title} where id = ${id}
            returning id, user_id, title, done, created_at`,
        );
        notes.clear();
      },
      hitShare: () => hits / Math.max(1, reads),
      close: () => sql.end({ timeout: 1 }),
    };
  },
};
