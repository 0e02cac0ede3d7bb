import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DatabaseHandle, type DatabaseServiceOptions, OverloadedError } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

/** A number of a sequence stays taken where its statement fails. */
const SQL = `
  create sequence hopeless;
  grant usage on sequence hopeless to authenticated;
  create function nap() returns int language sql volatile as 'select 1 from pg_sleep(0.01)';
  create function sleep() returns int language plpgsql volatile as $$
    begin
      if current_setting('statement_timeout')::interval < interval '130 ms' then
        perform nextval('hopeless');
      end if;
      perform pg_sleep(0.2);
      return 1;
    end $$`;
const CONNECTIONS = 2;
/** All at once: so many are there before the first one is served, however slow the machine is. */
const CALLS = 1_000;

function times<T>(count: number, call: () => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, call);
}

/** The goodput in figures is measured by the long run of the faults, where the machine has nothing else to do. */
describeFullStack('an overload of two connections', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  async function scenery(options: Partial<DatabaseServiceOptions> = {}, maxWaiting = CALLS) {
    const pools = { direct: { max: CONNECTIONS, maxWaiting } };
    const scene = await proxiedService(database, ['direct'], { pools, ...options });
    // The first one alone: it reads the catalog, and has its login checked.
    await scene.mine.rpc('nap');
    await Promise.all(times(CONNECTIONS, () => scene.mine.rpc('nap')));
    return scene;
  }

  /** Sleeps of 200 ms that began when less than 130 ms were left. */
  async function hopeless(): Promise<number> {
    const [row] = await database.query<{ n: number }>(
      'select (case when is_called then last_value else 0 end)::int as n from hopeless',
    );
    return row!.n;
  }

  it('refuses at once whoever would be answered too late', async () => {
    await using scene = await scenery();
    const { mine } = scene;
    // So many that some wait: from then on the pool knows how fast it serves them.
    await Promise.all(times(40, () => mine.rpc('nap')));
    const refusals: OverloadedError[] = [];
    const calls = times(CALLS, () => mine.rpc('nap', {}, { timeoutMs: 200 }));
    for (const call of calls)
      call.catch((error: unknown) => error instanceof OverloadedError && refusals.push(error));
    await new Promise(setImmediate);
    // It takes five milliseconds for each, and believes in a quarter of that at least.
    expect(refusals.length).toBeGreaterThan(CALLS * 0.8);
    for (const { code, retryAfterMs } of refusals) {
      expect(code).toBe('OVERLOADED');
      expect(retryAfterMs).toBeGreaterThan(0);
    }
    const { well, OVERLOADED, TIMEOUT, ...others } = await outcomesOf(calls);
    expect(others).toEqual({});
  });

  /** The time that a statement takes is known for a second: measured anew where the machine stood still meanwhile. */
  async function known(mine: DatabaseHandle): Promise<void> {
    let beganAt: number;
    do {
      beganAt = performance.now();
      await Promise.all(times(2 * CONNECTIONS, () => mine.rpc('sleep')));
    } while (performance.now() - beganAt > 900);
  }

  it('starts nothing that could not be answered any more, and serves the next one in its place', async () => {
    await using scene = await scenery();
    const { mine } = scene;
    await known(mine);
    const before = await hopeless();
    // For two statements each has time, for a third one not.
    const hurried = times(48, () => mine.rpc('sleep', {}, { timeoutMs: 450 }));
    const patient = times(CONNECTIONS, () => mine.rpc('sleep', {}, { timeoutMs: 60_000 }));
    const { well, OVERLOADED, TIMEOUT, ...others } = await outcomesOf(hurried);
    expect(others).toEqual({});
    expect(await outcomesOf(patient)).toEqual({ well: CONNECTIONS });
    expect((await hopeless()) - before).toBe(0);
  });

  it('lets nearly all others wait in vain without a bulkhead', async () => {
    await using scene = await scenery({ bulkhead: false });
    const outcomes = await outcomesOf(times(CALLS, () => scene.mine.rpc('nap', {}, { timeoutMs: 200 })));
    expect(outcomes.OVERLOADED).toBeUndefined();
    expect(outcomes.TIMEOUT).toBeGreaterThan(CALLS * 0.9);
  });

  it('fills its queue where there is time enough, and answers all who stand in it', async () => {
    const maxWaiting = 100;
    await using scene = await scenery({}, maxWaiting);
    const { mine, proxies } = scene;
    const before = proxies.direct.counts.syncs;
    const outcomes = await outcomesOf(times(CALLS, () => mine.rpc('nap', {}, { timeoutMs: 60_000 })));
    const answered = CONNECTIONS + maxWaiting;
    expect(outcomes).toEqual({ well: answered, QUEUE_FULL: CALLS - answered });
    expect(proxies.direct.counts.syncs - before).toBe(answered);
  });
});
