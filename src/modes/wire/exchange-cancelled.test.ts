import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  beginExchange,
  CANCELLED,
  CONFIRMED,
  DONE,
  failure,
  READY,
} from '../../../test/support/exchange-fixture.ts';
import type { Outcome } from '../../contract/errors.ts';
import type { BackendMessage } from './messages.ts';
import { wasUnanswered } from './unanswered.ts';

interface Cancelled {
  readonly access: 'read' | 'write';
  readonly how: string;
  readonly messages: readonly BackendMessage[];
  readonly outcome: Outcome;
}

describe('an exchange whose deadline passes', () => {
  it('cancels after the grace, tells the caller, then destroys the connection', async () => {
    const { clock, log, exchange } = beginExchange();
    await clock.advance(599);
    expect(exchange.cancelled).toBeUndefined();
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700', 'destroy at 1600']);
    expect(exchange.cancelled).toBe('timeout');
    expect(clock.pending).toBe(0);
  });

  it('tells where nobody answered from where a statement was slow, or its caller went away', async () => {
    const silent = beginExchange();
    await silent.clock.advance(10_000);
    expect(wasUnanswered(silent.told.error)).toBe(true);
    const slow = beginExchange();
    await slow.clock.advance(650);
    slow.receive(...CONFIRMED, CANCELLED, READY);
    await slow.clock.advance(0);
    expect(slow.told.error?.code).toBe('TIMEOUT');
    expect(wasUnanswered(slow.told.error)).toBe(false);
    const computing = beginExchange({ cancellable: false });
    await computing.clock.advance(10_000);
    expect(wasUnanswered(computing.told.error)).toBe(false);
    const gone = new AbortController();
    const left = beginExchange({ signal: gone.signal });
    gone.abort();
    await left.clock.advance(10_000);
    expect(left.told.error?.code).toBe('ABORTED');
    expect(wasUnanswered(left.told.error)).toBe(false);
  });

  it('does not know whether a write that never answers was applied', async () => {
    const { clock, log, receive } = beginExchange({ access: 'write' });
    receive(...CONFIRMED, ...DONE);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, unknown, at 700', 'destroy at 1600']);
  });

  it('does not take back a COMMIT that was answered when its cancel met what follows', async () => {
    const { clock, log, told, receive } = beginExchange({
      access: 'write',
      commands: ['COMMIT', 'DISCARD TEMP'],
    });
    await clock.advance(600);
    receive(
      { name: 'parseComplete' },
      { name: 'bindComplete' },
      { name: 'commandComplete', text: 'COMMIT' },
      CANCELLED,
      READY,
    );
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'answer 57014 at 600']);
    expect(told.end?.commitTag).toBe('COMMIT');
  });

  it.each([
    [false, 'not-applied'],
    [true, 'unknown'],
  ] as const)('of SQL that may commit by itself (%s) is %s', async (mayCommit, outcome) => {
    const { clock, log, receive } = beginExchange({ access: 'write', mayCommit });
    await clock.advance(600);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', `TIMEOUT, ${outcome}, at 600`]);
  });

  it('takes an answer within the grace, and sends no cancel', async () => {
    const { clock, log, receive } = beginExchange({ access: 'write' });
    await clock.advance(599);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['answer UPDATE 1 at 599']);
  });

  it('takes an answer that the cancel came too late for', async () => {
    const { clock, log, receive } = beginExchange({ access: 'write' });
    await clock.advance(650);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'answer UPDATE 1 at 650']);
  });

  it('takes another error than that of the cancel for the answer', async () => {
    const { clock, log, receive } = beginExchange({ access: 'write' });
    await clock.advance(650);
    receive(...CONFIRMED, failure('23505'), READY);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'answer 23505 at 650']);
  });

  it.each<Cancelled>([
    { access: 'read', how: 'unconfirmed', messages: [CANCELLED], outcome: 'not-applied' },
    { access: 'read', how: 'confirmed', messages: [...CONFIRMED, CANCELLED], outcome: 'not-applied' },
    { access: 'write', how: 'unconfirmed', messages: [CANCELLED], outcome: 'unknown' },
    { access: 'write', how: 'confirmed', messages: [...CONFIRMED, CANCELLED], outcome: 'not-applied' },
    { access: 'write', how: 'without a nonce', messages: [CANCELLED], outcome: 'not-applied' },
  ])('says of a cancelled $access, $how: $outcome', async ({ access, how, messages, outcome }) => {
    const withoutNonce = how === 'without a nonce';
    const { clock, log, receive } = beginExchange({ access, withoutNonce });
    await clock.advance(650);
    receive(...messages, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', `TIMEOUT, ${outcome}, at 650`]);
  });

  it('destroys nothing when the answer comes after the caller was told', async () => {
    const { clock, log, receive } = beginExchange();
    await clock.advance(1_599);
    receive(...CONFIRMED, CANCELLED, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700']);
  });

  it('tells at once that the connection was lost after the cancel', async () => {
    const { clock, exchange, log } = beginExchange({ access: 'write' });
    await clock.advance(650);
    exchange.fail(exchange.failureAtClose(undefined));
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'CONNECTION_LOST, unknown, at 650']);
  });
});

describe('an exchange that its caller aborts', () => {
  it('cancels at once, without the grace', async () => {
    const controller = new AbortController();
    const { clock, log, told } = beginExchange({ signal: controller.signal });
    await clock.advance(20);
    const reason = new Error('The browser went away.');
    controller.abort(reason);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 20', 'ABORTED, not-applied, at 120', 'destroy at 1020']);
    expect(told.error?.cause).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it.each<Cancelled>([
    { access: 'read', how: 'unconfirmed', messages: [CANCELLED], outcome: 'not-applied' },
    { access: 'write', how: 'unconfirmed', messages: [CANCELLED], outcome: 'unknown' },
    { access: 'write', how: 'confirmed', messages: [...CONFIRMED, CANCELLED], outcome: 'not-applied' },
  ])('says of an aborted $access, $how: $outcome', async ({ access, messages, outcome }) => {
    const controller = new AbortController();
    const { clock, log, told, receive } = beginExchange({ access, signal: controller.signal });
    await clock.advance(20);
    controller.abort();
    receive(...messages, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 20', `ABORTED, ${outcome}, at 20`]);
    expect(told.error?.cause).toBe(controller.signal.reason);
  });

  it('cancels once, whether the deadline or the abort comes first', async () => {
    const late = new AbortController();
    const timed = beginExchange({ signal: late.signal });
    await timed.clock.advance(600);
    late.abort();
    await timed.clock.advance(10_000);
    expect(timed.log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700', 'destroy at 1600']);

    const early = new AbortController();
    const aborted = beginExchange({ signal: early.signal });
    await aborted.clock.advance(550);
    early.abort();
    await aborted.clock.advance(10_000);
    expect(aborted.log).toEqual(['cancel at 550', 'ABORTED, not-applied, at 650', 'destroy at 1550']);
  });

  it('does not hear the signal any more once it has ended', async () => {
    for (const end of ['answer', 'failure'] as const) {
      const controller = new AbortController();
      const { clock, exchange, log, receive } = beginExchange({ signal: controller.signal });
      if (end === 'answer') receive(...CONFIRMED, ...DONE, READY);
      else exchange.fail(exchange.failureAtClose(undefined));
      expect(getEventListeners(controller.signal, 'abort'), end).toEqual([]);
      controller.abort();
      await clock.advance(10_000);
      expect(log, end).toHaveLength(1);
      expect(exchange.cancelled, end).toBeUndefined();
    }
  });
});

describe('an exchange that cannot be cancelled', () => {
  it('tells the caller at the deadline and goes on waiting for the answer', async () => {
    const { clock, exchange, log, receive } = beginExchange({ cancellable: false, access: 'write' });
    await clock.advance(10_000);
    expect(log).toEqual(['TIMEOUT, unknown, at 500']);
    expect(exchange.cancelled).toBeUndefined();
    expect(clock.pending).toBe(0);
    receive(...CONFIRMED, ...DONE, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['TIMEOUT, unknown, at 500']);
    expect(clock.pending).toBe(0);
  });

  it('tells the caller of the abort at once', async () => {
    const controller = new AbortController();
    const { clock, log } = beginExchange({ cancellable: false, signal: controller.signal });
    await clock.advance(20);
    controller.abort();
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['ABORTED, not-applied, at 20']);
  });
});
