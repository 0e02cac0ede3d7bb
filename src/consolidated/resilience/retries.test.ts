import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import {
  CircuitOpenError,
  ConnectionError,
  type DatabaseError,
  OutcomeUnknownError,
  SerializationError,
  TimeoutError,
  UniqueConstraintError,
} from '../../contract/errors.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import { type FailedBatch, Retries, retriesOf } from './retries.ts';

const ACTOR = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined } as const;
const LOST = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
const IN_DOUBT = new OutcomeUnknownError('It was lost.', { code: 'CONNECTION_LOST' });
const UNREACHED = new ConnectionError('No connection.', { code: 'CONNECT_FAILED' });
const LOCKED = new TimeoutError('No lock.', { code: 'LOCK_NOT_AVAILABLE', sqlState: '55P03' });

interface Given {
  readonly attempts?: number;
  readonly budget?: number;
  readonly random?: () => number;
  readonly batch?: Partial<FailedBatch>;
  readonly timeoutMs?: number;
}

function fixture({ attempts = 3, budget = 0.2, random = () => 0.5, batch, timeoutMs = 10_000 }: Given = {}) {
  const clock = new FakeClock();
  const events: ServiceEvent[] = [];
  const retries = new Retries(
    { attempts, budget },
    { clock, random, tell: (event) => events.push(event), loginOf: () => 'users' },
  );
  const failed: FailedBatch = {
    limits: { deadline: clock.now() + timeoutMs, signal: undefined, maxRows: 1, maxBytes: 1 },
    access: 'read',
    isKeyed: false,
    mode: 'direct',
    actor: ACTOR,
    ...batch,
  };
  /** When each further attempt was sent. */
  const sentAt: number[] = [];
  const start = clock.now();
  return {
    clock,
    retries,
    failed,
    events,
    sentAt,
    /** The first attempt has failed so; the others answer in turn, the last answer again and again. */
    follow: async (first: DatabaseError, ...answers: readonly (DatabaseError | 'answer')[]) => {
      const followed = retries.follow(failed, first, async () => {
        sentAt.push(clock.now() - start);
        const answer = answers[Math.min(sentAt.length, answers.length) - 1];
        if (answer instanceof Error) throw answer;
        return answer;
      });
      const ended = followed.catch((error: unknown) => error);
      await clock.advance(timeoutMs * 2);
      return ended;
    },
  };
}

describe('a read', () => {
  it('is sent again where its connection was lost, after half of the pauses that it may take', async () => {
    const { follow, sentAt, events } = fixture();
    expect(await follow(LOST, LOST, 'answer')).toBe('answer');
    expect(sentAt).toEqual([25, 75]);
    expect(events).toEqual([
      {
        ...{ type: 'retry', mode: 'direct', login: 'users', errorCode: 'CONNECTION_LOST' },
        ...{ attempt: 1, delayMs: 25, refused: undefined },
      },
      {
        ...{ type: 'retry', mode: 'direct', login: 'users', errorCode: 'CONNECTION_LOST' },
        ...{ attempt: 2, delayMs: 50, refused: undefined },
      },
    ]);
  });

  it('is tried three times in all', async () => {
    const { follow, sentAt } = fixture();
    expect(await follow(LOST, LOST)).toBe(LOST);
    expect(sentAt).toHaveLength(2);
  });

  it('is not sent again once the deadline would pass before', async () => {
    const { follow, sentAt, events } = fixture({ timeoutMs: 25 });
    expect(await follow(LOST, 'answer')).toBe(LOST);
    expect(sentAt).toEqual([]);
    expect(events).toMatchObject([{ refused: 'deadline' }]);
  });

  it('does not wait longer than its caller', async () => {
    const abort = new AbortController();
    const limits = { deadline: Number.MAX_SAFE_INTEGER, maxRows: 1, maxBytes: 1, signal: abort.signal };
    const { retries, failed, clock } = fixture({ batch: { limits } });
    const followed = retries.follow(failed, LOST, async () => 'answer');
    const refused = expect(followed).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
    await clock.advance(1);
    abort.abort();
    await refused;
  });

  it('is sent once more only for a lock, and not for what the database refused', async () => {
    const locked = fixture();
    expect(await locked.follow(LOCKED, LOCKED)).toBe(LOCKED);
    expect(locked.sentAt).toHaveLength(1);
    const refusal = new UniqueConstraintError('It exists.', { sqlState: '23505' });
    const refused = fixture();
    expect(await refused.follow(LOST, refusal)).toBe(refusal);
    expect(refused.sentAt).toHaveLength(1);
  });
});

it('a read that ended the thread of the embedded database does not get the next one', async () => {
  const { retries, failed } = fixture({ batch: { mode: 'embedded' } });
  expect(retries.allows(failed, LOST)).toBe(false);
  expect(retries.allows(failed, LOCKED)).toBe(true);
});

describe('the last attempt', () => {
  it('tells the failure before it, where the service itself refused to send it', async () => {
    const open = new CircuitOpenError('It is open.');
    expect(await fixture().follow(LOST, open)).toBe(LOST);
    expect(await fixture().follow(LOST, LOCKED, open)).toBe(LOCKED);
  });

  it('is the one under way when the service is closed', () => {
    const { retries, failed } = fixture();
    expect(retries.allows(failed, LOST)).toBe(true);
    retries.end();
    expect(retries.allows(failed, LOST)).toBe(false);
  });
});

describe('a write', () => {
  const write = { access: 'write' } as const;

  it('is sent again only where nothing was applied', () => {
    const { retries } = fixture();
    const allowed = (error: DatabaseError, isKeyed = false) =>
      retries.allows({ access: 'write', isKeyed, mode: 'direct' }, error);
    expect(allowed(IN_DOUBT)).toBe(false);
    expect(allowed(UNREACHED)).toBe(true);
    expect(allowed(new SerializationError('A deadlock.', { sqlState: '40P01' }))).toBe(true);
    expect(allowed(new ConnectionError('Lost before.', { code: 'CONNECTION_LOST' }))).toBe(true);
    expect(allowed(new ConnectionError('Lost.', { code: 'CONNECTION_LOST', outcome: 'applied' }))).toBe(
      false,
    );
    expect(allowed(IN_DOUBT, true)).toBe(true);
  });

  it('that is in doubt after a retry ends with that', async () => {
    const { follow, sentAt } = fixture({ batch: write });
    expect(await follow(UNREACHED, IN_DOUBT)).toBe(IN_DOUBT);
    expect(sentAt).toHaveLength(1);
  });

  it('with a key is sent again in doubt, and stays in doubt unless one attempt is answered', async () => {
    const keyed = { ...write, isKeyed: true };
    expect(await fixture({ batch: keyed }).follow(IN_DOUBT, 'answer')).toBe('answer');
    expect(await fixture({ batch: keyed }).follow(IN_DOUBT, UNREACHED)).toBe(IN_DOUBT);
    expect(await fixture({ batch: keyed }).follow(UNREACHED, IN_DOUBT, LOCKED)).toBe(IN_DOUBT);
    const applied = new ConnectionError('Applied.', { code: 'CONNECTION_LOST', outcome: 'applied' });
    expect(await fixture({ batch: keyed }).follow(IN_DOUBT, applied)).toBe(applied);
    expect(fixture().retries.allows({ ...keyed, mode: 'direct' }, applied)).toBe(false);
  });
});

describe('the budget', () => {
  it('lets a storm add a fifth to the calls, and ten', async () => {
    const { retries, failed, clock, sentAt, events } = fixture({ random: () => 0 });
    const calls = Array.from({ length: 200 }, async () => {
      retries.counted();
      await retries
        .follow(failed, LOST, async () => {
          sentAt.push(0);
          throw LOST;
        })
        .catch(() => undefined);
    });
    await clock.advance(10_000);
    await Promise.all(calls);
    // What is saved is never more than ten, so that calls which come all at once have no more than that.
    expect(sentAt).toHaveLength(10);
    expect(events.filter((event) => event.type === 'retry' && event.refused === 'budget')).toHaveLength(200);
  });

  it('is paid in by calls', async () => {
    const { retries, failed, clock } = fixture({ random: () => 0, attempts: 2 });
    let retried = 0;
    for (let call = 0; call < 1_000; call++) {
      retries.counted();
      const followed = retries.follow(failed, LOST, async () => {
        retried += 1;
        throw LOST;
      });
      followed.catch(() => undefined);
      await clock.advance(0);
    }
    expect(retried).toBeGreaterThan(200);
    expect(retried).toBeLessThanOrEqual(210);
  });
});

it('retries are off with false, and with one attempt', () => {
  const parts = { clock: new FakeClock(), random: () => 0, tell: undefined, loginOf: () => 'users' as const };
  expect(retriesOf(false, parts)).toBeUndefined();
  expect(retriesOf({ attempts: 1, budget: 1 }, parts)).toBeUndefined();
  expect(retriesOf({ attempts: 2, budget: 1 }, parts)).toBeInstanceOf(Retries);
});
