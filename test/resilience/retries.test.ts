import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatabaseError } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

const SQL = `create table journal (op int); grant all on journal to authenticated;
create table notes (id int primary key); grant all on notes to authenticated;
insert into notes select generate_series(1, 5);`;

/** Made by the superuser, who may end what others run: each call of it ends its own connection. */
const DIE = `create function die() returns int language plpgsql stable security definer as
$$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return 1; end $$`;

describeFullStack('a call whose connection is lost', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    await withSession(database.adminUrl, ({ query }) => query(DIE));
  });
  afterAll(() => database.drop());

  it.each(['direct', 'session', 'transaction'] as const)(
    'is a read: it is sent again, and nobody notices, in %s mode',
    async (mode) => {
      await using scene = await proxiedService(database, [mode]);
      const { mine, proxies } = scene;
      await mine.count('notes');
      for (const at of ['before-sync', 'after-sync'] as const) {
        const cut = proxies[mode].once({ at });
        expect(await mine.count('notes')).toBe(5);
        await cut;
      }
    },
  );

  it('is not sent again where retries are off', async () => {
    await using scene = await proxiedService(database, ['direct'], { retry: false });
    await scene.mine.count('notes');
    const cut = scene.proxies.direct.once({ at: 'after-sync' });
    await expect(scene.mine.count('notes')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await cut;
  });

  it.each(['direct', 'transaction'] as const)(
    'is a write: it is never applied twice, and its outcome is true, in %s mode',
    async (mode) => {
      await using scene = await proxiedService(database, [mode], { breaker: false });
      const { mine, proxies } = scene;
      await mine.count('journal');
      const random = new SeededRandom(7);
      const faults = ['before-sync', 'after-sync', 'mid-reply', 'refuse', 'none'] as const;
      for (let op = 0; op < 60; op++) {
        const fault = faults[Math.floor(random.next() * faults.length)];
        let isBack: Promise<void> | undefined;
        // On a connection that is open: the proxy would keep a login back too.
        await mine.count('journal');
        if (fault === 'refuse') {
          scene.cut(mode);
          isBack = new Promise((resolve) => setTimeout(resolve, 5)).then(() => proxies[mode].accept());
        } else if (fault === 'mid-reply') {
          // biome-ignore lint/suspicious/noThenProperty: what follows the cut, not a promise
          void proxies[mode].once({ at: 'mid-reply', message: 3, then: 'reset' });
        } else if (fault === 'before-sync' || fault === 'after-sync') void proxies[mode].once({ at: fault });
        const outcome = await mine.insert('journal', { op }, { returning: false }).then(
          () => 'applied',
          (error: unknown) => (error instanceof DatabaseError ? error.outcome : 'none'),
        );
        await isBack;
        proxies[mode].heal();
        const [row] = await database.query<{ n: number }>(
          'select count(*)::int as n from journal where op = $1',
          [op],
        );
        const applied = row?.n ?? 0;
        expect([op, fault, applied <= 1]).toEqual([op, fault, true]);
        if (outcome === 'applied') expect([op, fault, applied]).toEqual([op, fault, 1]);
        if (outcome === 'not-applied') expect([op, fault, applied]).toEqual([op, fault, 0]);
      }
      await database.query('truncate journal');
    },
  );

  it('is one inside a transaction: nothing is sent again there', async () => {
    await using scene = await proxiedService(database, ['direct']);
    const { mine, proxies } = scene;
    await mine.count('notes');
    let begun = 0;
    const failed = mine.transaction(async (tx) => {
      begun += 1;
      const cut = proxies.direct.once({ at: 'after-sync' });
      try {
        return await tx.count('notes');
      } finally {
        await cut;
      }
    });
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(begun).toBe(1);
  });

  it('adds a fifth to the load of an outage, and ten', async () => {
    await using scene = await proxiedService(database, ['direct'], { breaker: false, bulkhead: false });
    const { mine, proxies } = scene;
    const calls = 200;
    const outcomes = new Set<string>();
    for (let n = 0; n < calls; n += 10) {
      const some = await outcomesOf(Array.from({ length: 10 }, () => mine.rpc('die')));
      for (const code of Object.keys(some)) outcomes.add(code);
    }
    expect([...outcomes]).toEqual(['CONNECTION_LOST']);
    const attempts = proxies.direct.batches.filter(({ sql }) => sql.some((text) => text.includes('die')));
    expect(attempts.length).toBeGreaterThan(calls);
    expect(attempts.length).toBeLessThanOrEqual(calls * 1.2 + 10);
  });

  it('is a deadlock or a conflict of one statement: it is sent again', async () => {
    await using scene = await proxiedService(database, ['direct']);
    const { mine } = scene;
    const [a, b] = [1, 2];
    const both = (first: number, second: number) =>
      mine.sql({ access: 'write' })`with one as (select id from notes where id = ${first} for update),
        rest as (select pg_sleep(0.2) from one)
        select id from notes where id = ${second} and exists (select from rest) for update`;
    expect(await outcomesOf([both(a, b), both(b, a)])).toEqual({ well: 2 });
  });
});
