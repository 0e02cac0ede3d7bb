import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseError } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

const SQL = `create table notes (id int primary key, n int check (n > 0));
grant all on notes to authenticated;
create table hidden (id int);`;

/** `CDB_CLIENT_ERRORS=100000` for the long run. */
const CLIENT_ERRORS = Number(process.env.CDB_CLIENT_ERRORS ?? 2_000);

describeFullStack('the breaker of a mode', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  it('opens when the way is cut, sends no call of a user on it, and closes by its own probes', async () => {
    await using scene = await proxiedService(database, ['direct'], {
      retry: false,
      breaker: { pauseMs: 300 },
    });
    const { mine, proxies } = scene;
    expect(await mine.count('notes')).toBe(0);
    scene.cut('direct');
    const codes: string[] = [];
    while (codes.at(-1) !== 'CIRCUIT_OPEN') {
      const error = await mine.count('notes').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ statusCode: 503, outcome: 'not-applied' });
      codes.push((error as DatabaseError).code);
    }
    // One may be lost with the connection that was cut beneath it; no connection can be opened for ten in a row.
    expect(codes.length).toBeLessThanOrEqual(12);
    expect(codes.slice(2, -1).every((code) => code === 'CONNECT_FAILED')).toBe(true);

    await proxies.direct.accept();
    const before = proxies.direct.counts.connections;
    const refused: Promise<unknown>[] = [];
    const isOpen = async () => {
      const call = mine.count('notes');
      refused.push(call);
      return call.then(
        () => false,
        () => true,
      );
    };
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(Object.keys(await outcomesOf(refused.slice(0, -1)))).toEqual(['CIRCUIT_OPEN']);
    // The probes have opened it.
    expect(proxies.direct.counts.connections - before).toBe(1);
  });

  it('stands before transactions, streams and explain too', async () => {
    await using scene = await proxiedService(database, ['direct'], {
      retry: false,
      breaker: { minCalls: 1, pauseMs: 60_000 },
    });
    const { mine } = scene;
    await mine.count('notes');
    scene.cut('direct');
    await mine.count('notes').catch(() => undefined);
    await mine.count('notes').catch(() => undefined);
    const first = async () => {
      for await (const row of mine.stream('notes')) return row;
    };
    const open = expect.objectContaining({ code: 'CIRCUIT_OPEN' });
    let begun = 0;
    await expect(mine.transaction(async () => (begun += 1))).rejects.toEqual(open);
    await expect(first()).rejects.toEqual(open);
    await expect(mine.explain(mine.build.select('notes'))).rejects.toEqual(open);
    expect(begun).toBe(0);
  });

  it('opens when nobody answers, where each call has its deadline only', async () => {
    await using scene = await proxiedService(database, ['direct'], {
      retry: false,
      breaker: { failureRate: 0.1, minCalls: 3, pauseMs: 60_000 },
      pools: { direct: { max: 4 } },
    });
    const { mine, proxies } = scene;
    const asleep = Array.from({ length: 4 }, () => mine.sql`select pg_sleep(0.2)`);
    expect(await outcomesOf(asleep)).toEqual({ well: 4 });
    proxies.direct.blackHole();
    const calls = () => outcomesOf(Array.from({ length: 4 }, () => mine.count('notes', { timeoutMs: 100 })));
    expect(await calls()).toEqual({ TIMEOUT: 4 });
    // Whether they waited for their answer or, later, for a connection: nobody was there.
    await expect.poll(calls, { timeout: 10_000 }).toEqual({ CIRCUIT_OPEN: 4 });
  });

  it(`is opened by none of ${CLIENT_ERRORS} errors that callers cause`, async () => {
    await using scene = await proxiedService(database, ['direct', 'transaction'], {
      breaker: { minCalls: 1 },
    });
    const { mine } = scene;
    await mine.insert('notes', { id: 1, n: 1 });
    const faults: readonly ((mode: 'direct' | 'transaction') => Promise<unknown>)[] = [
      (mode) => mine.insert('notes', { id: 1, n: 1 }, { mode }),
      (mode) => mine.insert('notes', { id: 2, n: -1 }, { mode }),
      (mode) => mine.select('hidden', { mode }),
      (mode) => mine.select('notes', { filters: { id: 'no number' as unknown as number }, mode }),
      (mode) => mine.selectOne('notes', { filters: { id: 77 }, mode }),
      (mode) => mine.sql({ mode })`select 1 / 0`,
      (mode) => mine.sql({ mode })`select from nowhere`,
      (mode) => mine.sql({ mode })`select pg_sleep(0.5)`.catch(() => undefined),
      (mode) => mine.update('notes', { n: 2 }, { filters: { id: 1 }, expect: 7, mode }),
      (mode) => mine.count('notes', { signal: AbortSignal.abort(), mode }),
    ];
    const slow = 7;
    for (let n = 0; n < CLIENT_ERRORS; n += 20) {
      const calls = Array.from({ length: 20 }, (_, at) => {
        const index = (n + at) % faults.length;
        // A slow statement that its own deadline ends: one of them, because it takes its time.
        const fault = index === slow && n > 0 ? faults[0]! : faults[index]!;
        return fault(at % 2 === 0 ? 'direct' : 'transaction');
      });
      expect(await outcomesOf(calls)).not.toHaveProperty('CIRCUIT_OPEN');
    }
    expect(await mine.count('notes', { mode: 'direct' })).toBe(1);
    expect(await mine.count('notes', { mode: 'transaction' })).toBe(1);
  });
});
