import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatabaseHandle, OverloadedError } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { outcomesOf, proxiedService } from './proxied-service.ts';

const SQL = `create function nap(payload int default 0) returns int language sql stable as 'select 1 from pg_sleep(0.01)'`;
const CONNECTIONS = 2;
/** For each turn of the clock, of five milliseconds. */
const CALLS_PER_TURN = 10;
const TURN_MS = 5;
const TURNS = 200;
/** Measured in turns, so that both meet the same machine. */
const ROUNDS = 5;
const PEAK_FOR_MS = 500;
const TURNS_OF_A_ROUND = 150;

describeFullStack('an overload: two connections, naps of 10 ms, two thousand calls a second', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  function scenery(bulkhead: boolean) {
    return proxiedService(database, ['direct'], { bulkhead, pools: { direct: { max: CONNECTIONS } } });
  }

  /** Calls, ten in each turn. */
  async function offer(mine: DatabaseHandle, turns: number, timeoutMs: number | undefined) {
    const errors: unknown[] = [];
    const calls: Promise<unknown>[] = [];
    let answered = 0;
    const count = (): void => {
      answered += 1;
    };
    for (let turn = 0; turn < turns; turn++) {
      for (let n = 0; n < CALLS_PER_TURN; n++) {
        const call = mine.rpc('nap', {}, timeoutMs === undefined ? {} : { timeoutMs });
        call.then(count, (error: unknown) => errors.push(error));
        calls.push(call);
      }
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
    return { errors, calls, answered: () => answered };
  }

  /** Answers a second, while there are just enough callers for all connections. */
  async function peakOf(mine: DatabaseHandle): Promise<number> {
    const beganAt = performance.now();
    let answered = 0;
    const caller = async (): Promise<void> => {
      while (performance.now() < beganAt + PEAK_FOR_MS) {
        await mine.rpc('nap');
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: 2 * CONNECTIONS }, caller));
    return answered / (performance.now() - beganAt);
  }

  /** Answers a second, while ten times as many calls come. */
  async function goodputOf(mine: DatabaseHandle): Promise<number> {
    const beganAt = performance.now();
    const { calls, answered } = await offer(mine, TURNS_OF_A_ROUND, 200);
    const goodput = answered() / (performance.now() - beganAt);
    await Promise.allSettled(calls);
    return goodput;
  }

  /** How many calls were answered, and how many connections were asked. */
  async function offered(timeoutMs: number | undefined, bulkhead: boolean) {
    await using scene = await scenery(bulkhead);
    const { mine, proxies } = scene;
    // So many that some wait: from then on the pool knows how fast it serves them.
    await Promise.all(Array.from({ length: 40 }, () => mine.rpc('nap')));
    const before = proxies.direct.counts.syncs;
    const { errors, calls } = await offer(mine, TURNS, timeoutMs);
    const outcomes = await outcomesOf(calls);
    return { outcomes, errors, sent: proxies.direct.counts.syncs - before };
  }

  describe('with deadlines of 200 ms', () => {
    it('works for those that can be answered, and refuses the others before they wait', async () => {
      const { outcomes, errors, sent } = await offered(200, true);
      const { well = 0, OVERLOADED: shed = 0, ...others } = outcomes;
      // All but those that came before the rate was known.
      expect(well + shed).toBeGreaterThan(CALLS_PER_TURN * TURNS * 0.9);
      // Nearly all that was sent was for an answer that its caller still wanted.
      expect(well).toBeGreaterThanOrEqual(sent * 0.9);
      expect(Object.keys(others).filter((code) => code !== 'TIMEOUT')).toEqual([]);
      const refusals = errors.filter((error) => error instanceof OverloadedError);
      expect(refusals).toHaveLength(shed);
      for (const { retryAfterMs } of refusals) expect(retryAfterMs).toBeGreaterThan(0);
    });

    it('answers most of what the connections can do, whatever is offered', async () => {
      await using scene = await scenery(true);
      const { mine } = scene;
      const ratios: number[] = [];
      // The first round is not counted: its code is not optimized yet.
      for (let round = 0; round <= ROUNDS; round++) {
        const peak = await peakOf(mine);
        const ratio = (await goodputOf(mine)) / peak;
        if (round > 0) ratios.push(ratio);
      }
      const median = ratios.sort((one, other) => one - other)[(ROUNDS - 1) / 2];
      // Wanted are nine tenths, which the long run of the faults asks for; seen were 0.89 to 0.99, without the guard 0.77.
      expect(median).toBeGreaterThanOrEqual(0.85);
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
