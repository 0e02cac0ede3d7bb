import { describe, expect, it } from 'vitest';
import {
  beginExchange,
  CANCELLED,
  CONFIRMED,
  DONE,
  failure,
  READY,
} from '../../../test/support/exchange-fixture.ts';
import type { BackendMessage } from './messages.ts';

describe('an exchange that is answered in time', () => {
  it('resolves with the answer and leaves nothing scheduled', async () => {
    const { clock, exchange, log, told, receive } = beginExchange();
    await clock.advance(20);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['answer UPDATE 1 at 20']);
    expect(told.end).toMatchObject({ status: 'I', confirmed: true });
    expect(exchange.cancelled).toBeUndefined();
  });

  it("resolves with the server's own timeout, which is not a cancel of ours", async () => {
    const { clock, log, receive } = beginExchange({ access: 'write' });
    await clock.advance(510);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['answer 57014 at 510']);
  });

  it('rejects with the fault of its connection and leaves nothing scheduled', async () => {
    const { clock, exchange, log } = beginExchange();
    await clock.advance(20);
    exchange.fail(exchange.failureAtClose(undefined));
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['CONNECTION_LOST, not-applied, at 20']);
  });
});

describe('an exchange whose connection ends', () => {
  const FATAL = failure('57P01', { severity: 'FATAL' });
  const QUEUE = failure('XX000', { message: '(ECHECKOUTTIMEOUT) unable to check out', severity: 'FATAL' });
  const CRASH = failure('08P01', { message: 'server closed the connection unexpectedly', severity: 'FATAL' });
  const UNIQUE = failure('23505');

  it.each<['read' | 'write', string, readonly BackendMessage[], string, string]>([
    ['read', 'nothing', [], 'CONNECTION_LOST', 'not-applied'],
    ['write', 'nothing', [], 'CONNECTION_LOST', 'unknown'],
    ['write', 'all but ReadyForQuery', [...CONFIRMED, ...DONE], 'CONNECTION_LOST', 'unknown'],
    ['read', 'an error', [UNIQUE], 'UNIQUE_VIOLATION', 'not-applied'],
    ['write', 'an error before its confirmation', [UNIQUE], 'CONNECTION_LOST', 'unknown'],
    ['write', 'an error of its own', [...CONFIRMED, UNIQUE], 'UNIQUE_VIOLATION', 'not-applied'],
    ['read', 'a farewell', [...CONFIRMED, FATAL], 'CONNECTION_LOST', 'not-applied'],
    ['write', 'a farewell', [...CONFIRMED, FATAL], 'CONNECTION_LOST', 'unknown'],
    ['write', "a pooler's refusal", [QUEUE], 'POOLER_OVERLOADED', 'not-applied'],
    ['write', "a pooler's loss of its server", [CRASH], 'CONNECTION_LOST', 'unknown'],
  ])('tells of a lost %s by what had come: %s', (access, _, messages, code, outcome) => {
    const { exchange, receive } = beginExchange({ access });
    receive(...messages);
    expect(exchange.failureAtClose(undefined)).toMatchObject({ code, outcome });
  });

  it('keeps the cause', () => {
    const { exchange } = beginExchange();
    const cause = new Error('read ECONNRESET');
    expect(exchange.failureAtClose(cause).cause).toBe(cause);
  });
});

describe('an exchange whose statement may commit by itself', () => {
  const mine = { access: 'write', mayCommit: true } as const;

  it('may have been applied when it was cancelled', async () => {
    const { clock, log, receive } = beginExchange(mine);
    await clock.advance(650);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(0);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, unknown, at 650']);
  });

  it('may have been applied when its connection ended after an error of its own', () => {
    const { exchange, receive } = beginExchange(mine);
    receive(...CONFIRMED, failure('23505'));
    expect(exchange.failureAtClose(undefined)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('the server time of an exchange', () => {
  const traceOf = () => ({ queueMs: 0, connectMs: 0, serverMs: 3 });

  it('ends with its answer, and is added to that of the attempts before it', async () => {
    const trace = traceOf();
    const { clock, receive } = beginExchange({ trace });
    await clock.advance(20);
    receive(...CONFIRMED, ...DONE, READY);
    await clock.advance(100);
    expect(trace).toEqual({ queueMs: 0, connectMs: 0, serverMs: 23 });
  });

  it('ends when the connection breaks', async () => {
    const trace = traceOf();
    const { clock, exchange } = beginExchange({ trace });
    await clock.advance(20);
    exchange.fail(exchange.failureAtClose(undefined));
    expect(trace.serverMs).toBe(23);
  });

  it('ends when its call settles without an answer, whatever comes later', async () => {
    const trace = traceOf();
    const { clock, receive } = beginExchange({ trace });
    await clock.advance(900);
    const settled = trace.serverMs;
    receive(...CONFIRMED, CANCELLED, READY);
    expect(settled).toBe(703);
    expect(trace.serverMs).toBe(settled);
  });
});
