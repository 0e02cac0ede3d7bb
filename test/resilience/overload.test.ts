import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OverloadedError } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

const SQL = `create function nap(payload int default 0) returns int language sql stable as 'select 1 from pg_sleep(0.01)'`;
const CONNECTIONS = 2;
/** For each turn of the clock, of five milliseconds. */
const CALLS_PER_TURN = 10;
const TURNS = 200;

describeFullStack('an overload: two connections, naps of 10 ms, two thousand calls a second', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  /** How many calls were answered, and how many connections were asked. */
  async function offered(timeoutMs: number | undefined, bulkhead: boolean) {
    await using scene = await proxiedService(database, ['direct'], {
      bulkhead,
      pools: { direct: { max: CONNECTIONS } },
    });
    const { mine, proxies } = scene;
    // So many that some wait: from then on the pool knows how fast it serves them.
    await Promise.all(Array.from({ length: 40 }, () => mine.rpc('nap')));
    const before = proxies.direct.counts.syncs;
    const errors: unknown[] = [];
    const calls: Promise<unknown>[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      for (let n = 0; n < CALLS_PER_TURN; n++) {
        const call = mine.rpc('nap', {}, timeoutMs === undefined ? {} : { timeoutMs });
        call.catch((error: unknown) => errors.push(error));
        calls.push(call);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const outcomes = await outcomesOf(calls);
    return { outcomes, errors, sent: proxies.direct.counts.syncs - before };
  }

  describe('with deadlines of 200 ms', () => {
    it('works for those that can be answered, and refuses the others before they wait', async () => {
      const { outcomes, errors, sent } = await offered(200, true);
      const { well = 0, OVERLOADED: shed = 0, ...others } = outcomes;
      // All but those that came before the rate was known.
      expect(well + shed).toBeGreaterThan(CALLS_PER_TURN * TURNS * 0.9);
      // Most of what was sent was for an answer that its caller still wanted.
      expect(well).toBeGreaterThanOrEqual(sent * 0.8);
      expect(Object.keys(others).filter((code) => code !== 'TIMEOUT')).toEqual([]);
      const refusals = errors.filter((error) => error instanceof OverloadedError);
      expect(refusals).toHaveLength(shed);
      for (const { retryAfterMs } of refusals) expect(retryAfterMs).toBeGreaterThan(0);
    });

    it('lets nearly all others wait in vain without a bulkhead', async () => {
      const { outcomes } = await offered(200, false);
      expect(outcomes.OVERLOADED).toBeUndefined();
      expect(outcomes.TIMEOUT ?? 0).toBeGreaterThan(CALLS_PER_TURN * TURNS * 0.3);
    });
  });

  it('with the default deadline fills its queue, and answers all who stand in it', async () => {
    const { outcomes, sent } = await offered(undefined, true);
    const { well = 0, QUEUE_FULL: full = 0, OVERLOADED: shed = 0, ...others } = outcomes;
    expect(others).toEqual({});
    expect(full + shed).toBeGreaterThan(0);
    expect([well, well + full + shed]).toEqual([sent, CALLS_PER_TURN * TURNS]);
  });
});
