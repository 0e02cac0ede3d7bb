/** When a key is free again, and what becomes of what was kept. */
import { expect, it } from 'vitest';
import { describeEveryMode, MODES } from '../truth/every-mode.ts';
import { alice, bob, KEYED_JOURNAL, notesIn, serviceOf } from './journal.ts';

const LET_EXPIRE = "update cdb.idempotency_keys set expires_at = now() - interval '1 second'";

describeEveryMode('a key that has expired', KEYED_JOURNAL, (modes) => {
  it.for(MODES)('stands for another write, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    const write = (note: string) => db.as(alice).insert('journal', { note }, { idempotencyKey: 'k' });
    await write('first');
    await modes.query(mode, LET_EXPIRE);
    const second = await write('second');
    expect(second).toMatchObject({ note: 'second' });
    expect(await write('second')).toStrictEqual(second);
    expect(await notesIn(modes, mode)).toEqual(['first', 'second']);
  });

  it.for(MODES)('is tidied away by the writes of others, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    await using db = serviceOf(modes, mode);
    for (let n = 0; n < 3; n++)
      await db.as(alice).insert('journal', { note: `a${n}` }, { idempotencyKey: `k${n}` });
    await modes.query(mode, LET_EXPIRE);
    for (let n = 0; n < 2; n++)
      await db.as(bob).insert('journal', { note: `b${n}` }, { idempotencyKey: `k${n}` });
    expect(await modes.query(mode, 'select from cdb.idempotency_keys')).toHaveLength(2);
  });

  it.for(MODES)('had the time that the service is set to, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    const hours = async (options: object) => {
      await using db = serviceOf(modes, mode, options);
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      await db.as(alice).insert('journal', { note: 'x' }, { idempotencyKey: 'k' });
      const [row] = await modes.query<{ hours: number }>(
        mode,
        'select extract(epoch from expires_at - claimed_at)::float8 / 3600 as hours from cdb.idempotency_keys',
      );
      return row?.hours;
    };
    expect(await hours({})).toBe(24);
    expect(await hours({ idempotency: { ttlMs: 1_800_000 } })).toBe(0.5);
  });
});
