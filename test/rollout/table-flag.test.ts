import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type RolloutTrip,
  service,
  tableFlag,
  user,
} from '../../src/index.ts';
import { CurrentFlag } from '../../src/rollout/current-flag.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';

const TRIP: RolloutTrip = {
  ...{ id: 't1', at: '2030-01-01T00:00:00.000Z', reason: 'slow', operation: 'select', table: 'trips' },
  ...{ consolidated: 80, legacy: 2.5 },
};

describeFullStack('a flag in a table', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: OWN_SCHEMA });
    db = createDatabaseService({ ...database.user, service: database.service, onWarning: () => {} });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('is none before it is set, and what was set then', async () => {
    const flag = tableFlag(db, 'setting');
    expect(await flag.read()).toEqual({ flag: undefined, trip: undefined });
    await flag.set({ percentage: 12.5, rules: [{ tables: ["o'clock"], percentage: 0 }] });
    expect((await flag.read()).flag).toEqual({
      percentage: 12.5,
      rules: [{ tables: ["o'clock"], percentage: 0 }],
    });
    expect(await tableFlag(db, 'another').read()).toEqual({ flag: undefined, trip: undefined });
  });

  it('keeps the first of several trips until it is taken away', async () => {
    const flag = tableFlag(db, 'tripping');
    await flag.set({ percentage: 50 });
    await Promise.all([flag.trip?.(TRIP), tableFlag(db, 'tripping').trip?.(TRIP)]);
    await flag.trip?.({ ...TRIP, id: 't2' });
    await flag.set({ percentage: 60 });
    expect(await flag.read()).toEqual({ flag: { percentage: 60 }, trip: TRIP });
    await flag.reset?.();
    expect(await flag.read()).toEqual({ flag: { percentage: 60 }, trip: undefined });
  });

  it('is heard of where somebody changes the row, without waiting for the next reading', async () => {
    const flag = tableFlag(db, 'told');
    await flag.set({ percentage: 1 });
    // Its time stands still: only what is told can make it read.
    const current = new CurrentFlag({
      ...{ source: flag, clock: new FakeClock(), pollMs: 400, keepLastMs: 10_000 },
      ...{ tell: () => {}, onWarning: () => {} },
    });
    await current.start();
    let heard = 0;
    const listening = db.as(service()).listen('cdb_rollout', () => {
      heard += 1;
    });
    await listening;
    const kill = `update cdb.rollout_flags set flag = flag || '{"killed": true}' where name = 'told'`;
    await expect
      .poll(
        async () => {
          await database.query(kill);
          return current.flag;
        },
        { timeout: 30_000 },
      )
      .toMatchObject({ percentage: 1, killed: true });
    await expect.poll(() => heard).toBeGreaterThan(0);
    await current.close();
    await (await listening).unsubscribe();
  });

  it('can be read and set by nobody but the service', async () => {
    await tableFlag(db, 'secret').set({ percentage: 3 });
    for (const handle of [db.as(anonymous()), db.as(user({ sub: 'ana' }))]) {
      for (const call of [
        () => handle.sql`select cdb.rollout_flag('secret')`,
        () => handle.sql`select cdb.set_rollout('secret', '{}')`,
        () => handle.sql`select cdb.trip_rollout('secret', '{}')`,
        () => handle.sql`select cdb.reset_rollout('secret')`,
        () => handle.sql`select * from cdb.rollout_flags`,
      ]) {
        await expect(call()).rejects.toMatchObject({ statusCode: 403 });
      }
    }
    await expect(db.as(service()).sql`update cdb.rollout_flags set flag = '{}'`).rejects.toMatchObject({
      statusCode: 403,
    });
  });

  it('is refused where it is no object', async () => {
    await expect(database.query(`select cdb.set_rollout('x', '5')`)).rejects.toThrow(
      /rollout_flags_flag_check/,
    );
  });

  describe('over a database without the schema', () => {
    it('says what to run', async () => {
      await using bare = await createTestDatabase();
      await using alone = createDatabaseService({ ...bare.user, service: bare.service, onWarning: () => {} });
      await expect(tableFlag(alone, 'x').read()).rejects.toMatchObject({
        code: 'OWN_SCHEMA_MISSING',
        hint: expect.stringContaining('cdb init'),
      });
    });
  });
});
