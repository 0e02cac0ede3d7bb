import { expect, it } from 'vitest';
import { describeFullStack } from '../support/full-stack.ts';
import { BAD_DAY } from '../support/network/pooler-faults.ts';
import { SEED } from './seed.ts';
import { faultsOf } from './soak-faults.ts';
import { crowded, playScene } from './soak-scene.ts';

/** What a pooler can do to a statement before it reaches a server, or to one that only reads. */
const PROVABLY_NOT_APPLIED = [
  'CONNECTION_LOST',
  'REPLY_MISMATCH',
  'POOLER_OVERLOADED',
  'TIMEOUT',
  'ABORTED',
  'SERIALIZATION_FAILURE',
  'INVALID_STATEMENT',
  'INVALID_VALUE',
  'FORBIDDEN',
  'RIGHT_MISSING',
  'SET_ROLE_REFUSED',
  'SET_UP_FAILED',
  'RAISED',
  // A reply that was cut shifts the framing: what then looks like a header may announce anything.
  'RESULT_TOO_LARGE',
];

describeFullStack('fifty users behind a pooler that mixes up replies', () => {
  it.each([
    ['another', 3_000],
    ['the same', 2_000],
  ] as const)(
    `never see a row of another, nor are told an untruth about a write (neighbours on %s login, %i statements, seed ${SEED})`,
    async (neighbours, statements) => {
      const aftermath = await playScene({
        mode: 'transaction',
        statements,
        neighbours,
        seed: SEED,
        faults: BAD_DAY,
        patienceMs: 2_000,
        ...crowded('transaction'),
      });
      expect(faultsOf(aftermath)).toEqual([]);
      const { tally, pooler } = aftermath;
      expect(tally.answered).toBeGreaterThan(statements / 2);
      // The pooler did deliver foreign replies, and the faults came out as errors.
      expect(pooler?.foreignDeliveries).toBeGreaterThan(20);
      const mismatches = ['unknown', 'not-applied'].map(
        (how) => tally.unexpected[`REPLY_MISMATCH ${how}`] ?? 0,
      );
      expect(mismatches[0]! + mismatches[1]!).toBeGreaterThan(5);
      const others = Object.keys(tally.unexpected).filter((error) => !error.endsWith(' unknown'));
      expect(PROVABLY_NOT_APPLIED).toEqual(
        expect.arrayContaining(others.map((error) => error.replace(/ not-applied$/, ''))),
      );
      expect(aftermath.answeredAfterwards).toBe(crowded('transaction').connections);
    },
    120_000,
  );
});
