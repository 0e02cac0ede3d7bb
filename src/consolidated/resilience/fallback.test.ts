import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ScriptedMode } from '../../../test/support/scripted-mode.ts';
import { ConnectionError, type DatabaseError, ServiceError } from '../../contract/errors.ts';
import type { ModeName } from '../../contract/mode.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import { Fallback } from './fallback.ts';
import { ResilienceGate } from './resilience-gate.ts';

const ACTOR = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined } as const;
const UNREACHED = new ConnectionError('No connection.', { code: 'CONNECT_FAILED' });

function fixture({ from = 'transaction' as ModeName, moves = true } = {}) {
  const clock = new FakeClock();
  const events: ServiceEvent[] = [];
  const tell = (event: ServiceEvent) => events.push(event);
  const gate = new ResilienceGate({
    clock,
    random: () => 0.5,
    tell,
    breaker: { failureRate: 0.5, minCalls: 10, pauseMs: 1_000 },
    bulkhead: true,
    loginOf: () => 'users',
    prober: () => ACTOR,
  });
  const fallback = new Fallback({
    clock,
    tell,
    moves,
    wayOf: (mode, actor) => gate.wayOf(mode, actor),
    knownWay: (mode) => gate.known(mode),
  });
  const [own, other] = [new ScriptedMode(from), new ScriptedMode('direct')];
  own.answer = () => Promise.reject(UNREACHED);
  const attempt = (mode: ScriptedMode, error?: DatabaseError) => {
    const call = {
      limits: { deadline: Infinity, signal: undefined, maxRows: 1, maxBytes: 1 },
      actor: ACTOR,
      thrown: undefined,
    };
    const entered = { ...call, pass: 0 };
    gate.enter(entered, mode);
    gate.leave(entered, mode, error);
  };
  return {
    ...{ clock, gate, fallback, own, other, attempt },
    moved: () => events.filter((event) => event.type === 'moved'),
    fails: (error: DatabaseError) => {
      for (let n = 0; n < 10 && gate.known(own)?.isOpen !== true; n++) attempt(own, error);
    },
  };
}

describe('a mode whose pooler has failed', () => {
  it('is left for one that has answered lately, until its pooler has been steady for ten seconds', async () => {
    const { clock, fallback, own, other, attempt, fails, moved } = fixture();
    attempt(other);
    expect(fallback.isAway(own)).toBe(false);
    fails(UNREACHED);
    expect(fallback.isAway(own)).toBe(true);
    expect(fallback.mayTake(other, ACTOR)).toBe(true);
    fallback.took(own, other);
    fallback.took(own, other);
    expect(moved()).toMatchObject([{ from: 'transaction', to: 'direct', reason: 'unreachable' }]);

    own.answer = () => Promise.resolve([]);
    // It is probed after one second, three times, and is closed then.
    await clock.advance(1_200);
    expect(fallback.isOpen(own)).toBe(true);
    await clock.advance(9_500);
    expect(fallback.isAway(own)).toBe(true);
    await clock.advance(1_000);
    expect(fallback.isAway(own)).toBe(false);
    expect(moved()).toMatchObject([
      { reason: 'unreachable' },
      { from: 'direct', to: 'transaction', reason: 'recovered' },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('begins its ten seconds anew when it fails within them', async () => {
    const { clock, fallback, own, fails } = fixture();
    fails(UNREACHED);
    expect(fallback.isAway(own)).toBe(true);
    own.answer = () => Promise.resolve([]);
    await clock.advance(5_000);
    expect(fallback.isOpen(own)).toBe(true);
    own.answer = () => Promise.reject(UNREACHED);
    await clock.advance(1_000);
    expect(fallback.isOpen(own)).toBe(false);
    own.answer = () => Promise.resolve([]);
    await clock.advance(9_000);
    expect(fallback.isAway(own)).toBe(true);
    await clock.advance(5_000);
    expect(fallback.isAway(own)).toBe(false);
  });

  it('asks another one that has not answered lately, for those that come later', async () => {
    const { clock, fallback, own, other, attempt, fails } = fixture();
    attempt(other);
    await clock.advance(5_001);
    fails(UNREACHED);
    expect(fallback.isAway(own)).toBe(true);
    expect(fallback.mayTake(other, ACTOR)).toBe(false);
    expect(fallback.mayTake(other, ACTOR)).toBe(false);
    await clock.advance(0);
    expect(other.sent).toBe(1);
    expect(fallback.mayTake(other, ACTOR)).toBe(true);
  });

  it('does not send calls where nobody answers either', async () => {
    const { clock, fallback, other, fails } = fixture();
    other.answer = () => Promise.reject(UNREACHED);
    fails(UNREACHED);
    expect(fallback.mayTake(other, ACTOR)).toBe(false);
    await clock.advance(0);
    expect(fallback.mayTake(other, ACTOR)).toBe(false);
  });
});

describe('a mode is not left', () => {
  it.each([
    ['for a login that is refused', new ConnectionError('Refused.', { code: 'LOGIN_REFUSED' })],
    ['for a server that is full', new ServiceError('Full.', { code: 'SERVER_FAULT', sqlState: '53100' })],
    ['for a server that starts', new ConnectionError('It starts.', { code: 'SERVER_UNAVAILABLE' })],
  ])('%s: no other mode leads elsewhere', (_, error) => {
    const { fallback, own, fails } = fixture();
    fails(error);
    expect(fallback.isOpen(own)).toBe(false);
    expect(fallback.isAway(own)).toBe(false);
  });

  it('that leads to Postgres itself', () => {
    const { fallback, own, fails } = fixture({ from: 'direct' });
    fails(UNREACHED);
    expect(fallback.isAway(own)).toBe(false);
  });

  it('where the options say so', () => {
    const { fallback, own, fails } = fixture({ moves: false });
    fails(UNREACHED);
    expect([fallback.isAway(own), fallback.isOpen(own)]).toEqual([false, false]);
  });
});
