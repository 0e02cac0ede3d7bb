/** Several callers at the same time, under one key. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { createDatabaseService, service } from '../../src/index.ts';
import { describeEveryMode, MODES, SOCKETS } from '../truth/every-mode.ts';
import { ALICE, alice, bob, KEYED_JOURNAL, notesIn, serviceOf } from './journal.ts';

describeEveryMode('callers at the same time under one key', KEYED_JOURNAL, (modes) => {
  it.for(MODES)('write once, and get one result, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys; update counters set n = 0');
    // As several processes do.
    const services = Array.from({ length: mode === 'embedded' ? 1 : 2 }, () => serviceOf(modes, mode));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        services[index % services.length]!.as(alice).rpc(
          'count_slowly',
          { ms: 20 },
          { idempotencyKey: 'at once' },
        ),
      ),
    );
    expect(results).toEqual(results.map(() => 1));
    expect(await modes.query(mode, 'select n from counters')).toEqual([{ n: 1 }]);
    await Promise.all(services.map((one) => one.close()));
  });

  it.for(SOCKETS)(
    'wait for the first, and the next one writes where that is rolled back, in %s mode',
    async (mode) => {
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await using db = serviceOf(modes, mode);
      await using holder = createDatabaseService({ direct: modes.stack.user.direct });
      const holds = Promise.withResolvers<void>();
      const release = Promise.withResolvers<never>();
      release.promise.catch(() => undefined);
      // Holds the very key of the others, and their fingerprint does not matter: it never commits.
      const held = holder.as(alice).transaction(async (tx) => {
        await tx.sql`select cdb.claim_key('rolled back', 'f', 's', 1000)`;
        holds.resolve();
        await release.promise;
      });
      const told = expect(held).rejects.toThrow('rolled back');
      await holds.promise;
      const writes = Array.from({ length: 3 }, () =>
        db.as(alice).insert('journal', { note: 'second' }, { idempotencyKey: 'rolled back' }),
      );
      // Those of another caller do not wait.
      await db.as(bob).insert('journal', { note: 'of bob' }, { idempotencyKey: 'rolled back' });
      await blocked(modes.stack.adminUrl, modes.stack.name);
      release.reject(new Error('rolled back'));
      await told;
      const results = await Promise.all(writes);
      expect(new Set(results.map(({ id }) => id)).size).toBe(1);
      expect(await notesIn(modes, mode)).toEqual(['of bob', 'second']);
    },
  );

  it.for(SOCKETS)('wait no longer than their deadline, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    await using holder = createDatabaseService({ direct: modes.stack.user.direct });
    await holder
      .as(alice)
      .transaction(async (tx) => {
        await tx.sql`select cdb.claim_key('held', 'f', 's', 1000)`;
        await expect(
          db.as(alice).insert('journal', { note: 'late' }, { idempotencyKey: 'held', timeoutMs: 300 }),
        ).rejects.toMatchObject({ name: 'TimeoutError', outcome: 'not-applied' });
        throw new Error('undone');
      })
      .catch(() => undefined);
    expect(await notesIn(modes, mode)).toEqual([]);
  });

  it.for(MODES)('of other keys do not wait for each other, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        db
          .as(index % 2 === 0 ? alice : service())
          .insert('journal', { owner: ALICE, note: `n${index}` }, { idempotencyKey: `k${index}` }),
      ),
    );
    expect(await notesIn(modes, mode)).toHaveLength(20);
  });
});

/** Resolves once a statement waits for the transaction of another one. */
async function blocked(url: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const waiting = `select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and state = 'active'`;
  while ((await client.query(waiting, [database])).rowCount === 0);
  await client.end();
}
