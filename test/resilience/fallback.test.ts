import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

const SQL = `create table notes (id int primary key); grant all on notes to authenticated;`;
const SPEED = 10;

/** Ten times as fast, so that ten seconds of a steady pooler are one. */
const fast: Clock = {
  now: () => systemClock.now() * SPEED,
  wallNow: () => systemClock.wallNow(),
  schedule: (fn, ms) => systemClock.schedule(fn, ms / SPEED),
  expireAt: (at, fn) => systemClock.expireAt(at / SPEED, fn),
};

describeFullStack('calls whose pooler refuses connections', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  it('go another way, where one answers, and come back when their pooler has been steady', async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction'], {
      clock: fast,
      timeoutMs: 200_000,
      // Six seconds of a busy machine.
      connectTimeoutMs: 60_000,
    });
    const { mine, events, proxies } = scene;
    const reads = (count: number) => outcomesOf(Array.from({ length: count }, () => mine.count('notes')));
    const modes = () => new Set(events.splice(0).map(({ mode }) => mode));
    await mine.sql`select 1`;
    expect(await reads(20)).toEqual({ well: 20 });
    expect(modes()).toContain('transaction');

    scene.cut('transaction');
    while ((await mine.count('notes').catch(() => undefined)) === undefined);
    events.splice(0);
    // Those that come at once find no more room than the reserve leaves.
    for (let n = 0; n < 10; n++) expect(await reads(3)).toEqual({ well: 3 });
    expect([...modes()]).toEqual(['direct']);
    // A call that names its mode keeps to it.
    await expect(mine.count('notes', { mode: 'transaction' })).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
    });

    await proxies.transaction.accept();
    events.splice(0);
    await expect
      .poll(
        async () => {
          expect(await reads(1)).toEqual({ well: 1 });
          return events.at(-1)?.mode;
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBe('transaction');
  });

  it('are refused where the other way does not answer either', async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction'], { retry: false });
    const { mine } = scene;
    await mine.sql`select 1`;
    await mine.count('notes');
    scene.cut('transaction');
    scene.cut('direct');
    const codes = new Set<string>();
    for (let n = 0; n < 40; n++) {
      await mine.count('notes').catch((error: { code: string }) => codes.add(error.code));
    }
    expect([...codes].at(-1)).toBe('CIRCUIT_OPEN');
  });

  it('go another way from the beginning, where their pooler refuses the first one already', async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction']);
    const { mine, events } = scene;
    scene.cut('transaction');
    await expect.poll(() => mine.count('notes').catch(() => undefined)).toBe(0);
    expect(events.at(-1)?.mode).toBe('direct');
  });

  it('are refused where the other way has no room: what stays free is for interactive work', async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction'], {
      retry: false,
      pools: { direct: { max: 2 } },
    });
    const { mine, events } = scene;
    await mine.sql`select 1`;
    await mine.count('notes');
    const ends = Promise.withResolvers<void>();
    const begins = Promise.withResolvers<void>();
    const held = mine.transaction(async (tx) => {
      await tx.sql`select 1`;
      begins.resolve();
      await ends.promise;
    });
    await begins.promise;
    scene.cut('transaction');
    const count = () => mine.count('notes');
    await expect.poll(() => count().catch((error: { code: string }) => error.code)).toBe('CIRCUIT_OPEN');
    events.splice(0);
    // The direct mode answers, so room is all that it lacks.
    await mine.sql`select 1`;
    await expect(count()).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    ends.resolve();
    await held;
    await expect.poll(() => count().catch(() => undefined)).toBe(0);
    expect(events.at(-1)?.mode).toBe('direct');
  });

  it('stay where they are, if the options say so', async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction'], {
      retry: false,
      fallback: false,
    });
    const { mine } = scene;
    await mine.sql`select 1`;
    await mine.count('notes');
    scene.cut('transaction');
    for (let n = 0; n < 15; n++) await mine.count('notes').catch(() => undefined);
    await expect(mine.count('notes')).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
  });
});
