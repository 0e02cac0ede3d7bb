import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ScriptedMode } from '../../../test/support/scripted-mode.ts';
import { ConnectionError, OverloadedError, ServiceError } from '../../contract/errors.ts';
import type { CallLimits } from '../../contract/mode.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import { ResilienceGate } from './resilience-gate.ts';

const ACTOR = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined } as const;
const LOST = new ConnectionError('It was lost.', { code: 'CONNECTION_LOST' });

interface Given {
  readonly bulkhead?: boolean;
  readonly breaker?: false;
}

function fixture({ bulkhead = true, breaker }: Given = {}) {
  const clock = new FakeClock();
  const mode = new ScriptedMode();
  const events: ServiceEvent[] = [];
  const gate = new ResilienceGate({
    clock,
    random: () => 0.5,
    tell: (event) => events.push(event),
    breaker: breaker ?? { failureRate: 0.5, minCalls: 10, pauseMs: 1_000 },
    bulkhead,
    loginOf: () => 'users',
    prober: () => ACTOR,
  });
  const call = (timeoutMs = 1_000, thrown?: { readonly error: unknown }) => {
    const limits: CallLimits = {
      deadline: clock.now() + timeoutMs,
      signal: undefined,
      maxRows: 1,
      maxBytes: 1,
    };
    return { limits, actor: ACTOR, thrown, pass: 0 };
  };
  const fail = (times: number, error: unknown, thrown?: { readonly error: unknown }) => {
    for (let n = 0; n < times; n++) {
      const one = call(1_000, thrown);
      gate.enter(one, mode);
      gate.leave(one, mode, error);
    }
  };
  return { clock, mode, gate, events, call, fail };
}

describe('the bulkhead of a way', () => {
  it('refuses at once what cannot be answered before its deadline, and says after how long it may', () => {
    const { mode, gate, call, events } = fixture();
    mode.isFull = true;
    mode.expectedMs = 900;
    expect(() => gate.enter(call(1_000), mode)).toThrow(
      expect.objectContaining({
        name: 'OverloadedError',
        code: 'OVERLOADED',
        statusCode: 503,
        outcome: 'not-applied',
        retryAfterMs: 100,
      }),
    );
    expect(events).toEqual([{ type: 'shed', mode: 'direct', login: 'users', expectedWaitMs: 900 }]);
  });

  it('lets through what can be, and whoever comes while a connection is free or nothing is known', () => {
    const { mode, gate, call, events } = fixture();
    mode.isFull = true;
    mode.expectedMs = 800;
    gate.enter(call(1_000), mode);
    mode.expectedMs = 0;
    gate.enter(call(1), mode);
    mode.isFull = false;
    mode.expectedMs = 1_000_000;
    gate.enter(call(1), mode);
    expect(events).toEqual([]);
  });

  it('tells of what the mode refused when its turn came too late, and of no other refusal', () => {
    const { mode, gate, call, events } = fixture();
    mode.expectedMs = 400;
    for (const code of ['OVERLOADED', 'QUEUE_FULL', 'TOO_MANY_CONNECTIONS']) {
      const one = call();
      gate.enter(one, mode);
      gate.leave(one, mode, new OverloadedError('It was refused.', { code }));
    }
    expect(events).toEqual([{ type: 'shed', mode: 'direct', login: 'users', expectedWaitMs: 400 }]);
  });

  it('refuses nothing when it is off', () => {
    const { mode, gate, call } = fixture({ bulkhead: false });
    mode.isFull = true;
    mode.expectedMs = 1_000_000;
    expect(() => gate.enter(call(1), mode)).not.toThrow();
  });
});

describe('the breaker of a way', () => {
  it('opens by faults, tells of it, and drops the connections that nobody uses', () => {
    const { mode, gate, call, fail, events } = fixture();
    fail(10, LOST);
    expect(() => gate.enter(call(), mode)).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
    expect(mode.idleDropped).toBe(1);
    expect(events).toEqual([
      {
        ...{ type: 'breaker', mode: 'direct', login: 'users' },
        ...{ from: 'closed', to: 'open', errorCode: 'CONNECTION_LOST' },
      },
    ]);
  });

  it('keeps the connections when the login is refused: there will be no others', () => {
    const { mode, fail } = fixture();
    fail(1, new ConnectionError('Refused.', { code: 'LOGIN_REFUSED' }));
    expect(mode.idleDropped).toBe(0);
  });

  it('rests for as long as the mode that was refused', async () => {
    const { clock, mode, gate, call, fail } = fixture();
    mode.restMs = 20_000;
    fail(1, new ConnectionError('Refused.', { code: 'LOGIN_REFUSED' }));
    await clock.advance(20_000);
    expect(mode.sent).toBe(0);
    expect(() => gate.enter(call(), mode)).toThrow(expect.objectContaining({ code: 'CIRCUIT_OPEN' }));
    await clock.advance(2_500);
    expect(mode.sent).toBe(1);
  });

  it('does not count what the work of a transaction throws: it may come from another database', () => {
    const { mode, gate, call, fail } = fixture();
    fail(50, LOST, { error: LOST });
    expect(() => gate.enter(call(), mode)).not.toThrow();
  });

  it('does not open for faults of the code', () => {
    const { mode, gate, call, fail } = fixture();
    fail(50, new ServiceError('A fault.', { code: 'INTERNAL' }));
    fail(50, new TypeError('A fault.'));
    expect(() => gate.enter(call(), mode)).not.toThrow();
  });

  it('is probed with one batch at a time, which has a deadline even if the mode has none', async () => {
    const { clock, mode, fail, events } = fixture();
    mode.answer = () => new Promise(() => {});
    fail(10, LOST);
    await clock.advance(1_000);
    expect(mode.sent).toBe(1);
    await clock.advance(1_000 + 249);
    expect(mode.sent).toBe(1);
    // The time of its pause is over too.
    await clock.advance(1);
    expect(events.at(-2)).toMatchObject({ type: 'breaker', from: 'half-open', to: 'open' });
    expect(mode.sent).toBe(2);
  });

  it('closes when the probes are answered', async () => {
    const { clock, mode, gate, call, fail } = fixture();
    expect(gate.stateOf('direct', 'users')).toBe('closed');
    fail(10, LOST);
    expect(gate.stateOf('direct', 'users')).toBe('open');
    expect(gate.stateOf('direct', 'service')).toBe('closed');
    await clock.advance(1_200);
    expect(mode.sent).toBe(3);
    expect(() => gate.enter(call(), mode)).not.toThrow();
  });

  it('asks nothing after the end', async () => {
    const { clock, mode, gate, fail } = fixture();
    fail(10, LOST);
    gate.end();
    await clock.advance(60_000);
    expect([mode.sent, clock.pending]).toEqual([0, 0]);
  });

  it('never opens when it is off', () => {
    const { mode, gate, call, fail } = fixture({ breaker: false });
    fail(100, LOST);
    expect(() => gate.enter(call(), mode)).not.toThrow();
  });
});
