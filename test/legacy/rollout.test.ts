import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRollout, DatabaseError } from '../../src/index.ts';
import { check, PROPERTY_TIMEOUT_MS } from '../injection/property-runs.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { ROWS, reads, THINGS } from './generated-operations.ts';
import { TwoSides, tokenOf } from './two-sides.ts';

const ANA = '00000000-0000-4000-8000-00000000000a';

describeFullStack('a rollout from the legacy side to the service', () => {
  let sides: TwoSides;

  beforeAll(async () => {
    sides = await TwoSides.open({ sql: THINGS + ROWS });
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  it(
    'finds no differences in what both answer alike',
    async () => {
      await using rollout = createRollout({
        legacy: sides.legacy(),
        consolidated: sides.consolidated.schema('public'),
        flag: { read: async () => ({ flag: { shadow: 100 }, trip: undefined }) },
        shadow: { maxPerSecond: 100_000, maxConcurrent: 1_000, timeoutMs: 30_000 },
      });
      await rollout.ready();
      const mine = rollout.withToken(await tokenOf(ANA));
      await check(
        5,
        fc.asyncProperty(reads, async (operation) => {
          await operation.run(mine).catch((error: unknown) => expect(error).toBeInstanceOf(DatabaseError));
        }),
      );
      const compared = () => Object.values(rollout.status().shadow).reduce((sum, count) => sum + count, 0);
      const calls = rollout.status().calls.reduce((sum, { legacy }) => sum + legacy.calls, 0);
      await expect.poll(compared, { timeout: 20_000 }).toBe(calls);
      expect(rollout.status().shadow).toMatchObject({ same: calls, different: 0, unsettled: 0 });
    },
    PROPERTY_TIMEOUT_MS,
  );
});
