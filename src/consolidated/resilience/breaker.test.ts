import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError, type DatabaseError, ServiceError, ValidationError } from '../../contract/errors.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';

const LOST = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });
const UNREACHED = new ConnectionError('No connection.', { code: 'CONNECT_FAILED' });
const REFUSED = new ConnectionError('The login was refused.', { code: 'LOGIN_REFUSED' });

/** A breaker, its changes, and the probes that it has made; each waits for the test's answer. */
function fixture(settings: Partial<BreakerSettings> = {}) {
  const clock = new FakeClock();
  const changes: string[] = [];
  const probes: { answer(): Promise<void>; fail(error: unknown): Promise<void> }[] = [];
  const start = clock.now();
  const mode = { restMs: 0 };
  const breaker = new Breaker(
    { failureRate: 0.5, minCalls: 10, pauseMs: 1_000, ...settings },
    {
      clock,
      random: () => 0.5,
      name: 'direct connections',
      probe: () =>
        new Promise((resolve, reject) => {
          probes.push({
            answer: () => {
              resolve();
              return clock.advance(0);
            },
            fail: (error) => {
              reject(error);
              return clock.advance(0);
            },
          });
        }),
      restMs: () => mode.restMs,
      onChange: (from, to) => changes.push(`${clock.now() - start}: ${from} → ${to}`),
    },
  );
  const calls = (times: number, error?: DatabaseError, evidence: 'fault' | 'unreachable' = 'fault') => {
    for (let n = 0; n < times; n++) {
      if (breaker.state !== 'closed') return;
      breaker.leave(breaker.enter(), error === undefined ? 'answered' : evidence, error);
    }
  };
  return { clock, breaker, changes, probes, calls, mode };
}

describe('a closed breaker', () => {
  it('stays closed on fewer failures than it takes, and on half of them', () => {
    const few = fixture();
    few.calls(9, LOST);
    expect(few.breaker.state).toBe('closed');
    const half = fixture();
    half.calls(50);
    half.calls(50, LOST);
    expect(half.breaker.state).toBe('closed');
    half.calls(1, LOST);
    expect(half.breaker.state).toBe('open');
  });

  it('survives the end of all connections of a large pool, while calls are answered', () => {
    const { breaker, calls } = fixture();
    calls(100);
    calls(45, LOST);
    calls(100);
    expect(breaker.state).toBe('closed');
  });

  it('opens when ten in a row got no connection, whatever was answered before', () => {
    const { breaker, calls } = fixture();
    calls(100);
    calls(9, UNREACHED, 'unreachable');
    calls(1);
    calls(9, UNREACHED, 'unreachable');
    expect(breaker.state).toBe('closed');
    calls(1, UNREACHED, 'unreachable');
    expect(breaker.state).toBe('open');
  });

  it('opens at once when the login is refused', () => {
    const { breaker } = fixture();
    breaker.leave(breaker.enter(), 'refused', REFUSED);
    expect(breaker.state).toBe('open');
  });

  it('is opened by no number of answers and of calls that say nothing', () => {
    const { breaker } = fixture();
    const refusal = new ValidationError('No.', { sqlState: '22P02' });
    for (let n = 0; n < 10_000; n++) {
      breaker.leave(breaker.enter(), n % 2 === 0 ? 'answered' : 'nothing', refusal);
    }
    expect(breaker.state).toBe('closed');
  });
});

describe('an open breaker', () => {
  it('lets nothing through, and says why and until when', async () => {
    const { breaker, calls, clock } = fixture();
    calls(10, LOST);
    await clock.advance(400);
    expect(() => breaker.enter()).toThrow(
      expect.objectContaining({
        name: 'CircuitOpenError',
        code: 'CIRCUIT_OPEN',
        statusCode: 503,
        outcome: 'not-applied',
        cause: LOST,
        retryAfterMs: 900,
      }),
    );
  });

  it('is probed after its pause, and closed by three answers in a row', async () => {
    const { breaker, calls, clock, probes, changes } = fixture();
    calls(10, LOST);
    await clock.advance(999);
    expect(probes).toHaveLength(0);
    await clock.advance(1);
    for (const count of [1, 2, 3]) {
      expect([probes.length, breaker.state]).toEqual([count, 'half-open']);
      expect(() => breaker.enter()).toThrow('CONNECTION_LOST');
      await probes.at(-1)?.answer();
      await clock.advance(100);
    }
    expect(changes).toEqual(['0: closed → open', '1000: open → half-open', '1200: half-open → closed']);
    await clock.advance(60_000);
    expect(probes).toHaveLength(3);
    // It begins anew: what was counted before is over.
    calls(9, LOST);
    expect(breaker.state).toBe('closed');
  });

  it('is probed each second, however long it fails: whoever waits for the database knows soon that it is back', async () => {
    const { calls, clock, probes, changes } = fixture();
    calls(10, LOST);
    for (let n = 0; n < 60; n++) {
      await clock.advance(1_000);
      await probes.at(-1)?.fail(UNREACHED);
    }
    expect(probes).toHaveLength(60);
    expect(changes.at(-2)).toBe('60000: open → half-open');
  });

  it('counts the time of a silent probe as part of its pause', async () => {
    const { calls, clock, probes } = fixture();
    calls(10, LOST);
    await clock.advance(1_000);
    await clock.advance(800);
    await probes.at(-1)?.fail(UNREACHED);
    await clock.advance(199);
    expect(probes).toHaveLength(1);
    await clock.advance(1);
    expect(probes).toHaveLength(2);
    await clock.advance(1_500);
    await probes.at(-1)?.fail(UNREACHED);
    await clock.advance(0);
    expect(probes).toHaveLength(3);
  });

  it('does not need the answer that it probes for, if the database refuses the probe', async () => {
    const { breaker, calls, clock, probes } = fixture();
    calls(10, LOST);
    await clock.advance(1_000);
    for (let n = 0; n < 3; n++) {
      await probes.at(-1)?.fail(new ServiceError('No.', { code: 'SERVER_ERROR', sqlState: '42501' }));
      await clock.advance(100);
    }
    expect(breaker.state).toBe('closed');
  });

  it('is not probed while its mode connects to nobody for a refused login, and says so', async () => {
    const { breaker, clock, probes, mode } = fixture();
    mode.restMs = 80_000;
    breaker.leave(breaker.enter(), 'refused', REFUSED);
    // A fleet of processes does not come back together, and none before its mode does.
    const pauseMs = 80_000 * 1.125;
    expect(() => breaker.enter()).toThrow(expect.objectContaining({ retryAfterMs: pauseMs + 300 }));
    await clock.advance(pauseMs - 1);
    expect(probes).toHaveLength(0);
    await clock.advance(1);
    expect(probes).toHaveLength(1);
    mode.restMs = 160_000;
    await probes[0]?.fail(REFUSED);
    await clock.advance(160_000 * 1.125 - 1);
    expect(probes).toHaveLength(1);
    mode.restMs = 0;
    await clock.advance(1);
    await probes[1]?.fail(REFUSED);
    await clock.advance(1_000);
    expect(probes).toHaveLength(3);
  });

  it('is probed no more when it has ended', async () => {
    const { breaker, calls, clock, probes } = fixture();
    calls(10, LOST);
    breaker.end();
    await clock.advance(60_000);
    expect([probes.length, clock.pending]).toEqual([0, 0]);
  });
});

/** What other breakers were seen to do (ARCHITECTURE.md, "Resilience"): each is a way in which this one must not fail. */
describe('the hazards of breakers', () => {
  it('a straggler of before does not close an open one, nor one that is probed', async () => {
    const { breaker, calls, clock } = fixture();
    const stragglers = Array.from({ length: 200 }, () => breaker.enter());
    calls(10, LOST);
    for (const pass of stragglers.slice(0, 100)) breaker.leave(pass, 'answered', undefined);
    expect(breaker.state).toBe('open');
    await clock.advance(1_000);
    for (const pass of stragglers.slice(100)) breaker.leave(pass, 'answered', undefined);
    expect(breaker.state).toBe('half-open');
  });

  it('a straggler of before does not open one that has closed since', async () => {
    const { breaker, calls, clock, probes } = fixture();
    const stragglers = Array.from({ length: 200 }, () => breaker.enter());
    calls(10, LOST);
    await clock.advance(1_000);
    for (let n = 0; n < 3; n++) {
      await probes.at(-1)?.answer();
      await clock.advance(100);
    }
    for (const pass of stragglers) breaker.leave(pass, 'fault', LOST);
    expect(breaker.state).toBe('closed');
  });

  it('old failures are not counted for ever: answers push them out', () => {
    const { breaker, calls } = fixture();
    calls(30);
    calls(29, LOST);
    calls(100);
    calls(50, LOST);
    expect(breaker.state).toBe('closed');
  });

  it('no timer runs and nothing is asked while it is closed', () => {
    const { calls, clock, probes } = fixture();
    calls(1_000);
    expect([clock.pending, probes.length]).toEqual([0, 0]);
  });
});
