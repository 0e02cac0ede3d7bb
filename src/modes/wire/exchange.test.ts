import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { DatabaseError, Outcome } from '../../contract/errors.ts';
import { Exchange } from './exchange.ts';
import type { BackendMessage } from './messages.ts';
import type { ReplyEnd, Step } from './reply-machine.ts';

const NONCE = 'prefix.1';
const SET_UP: Step = { kind: 'execute', parse: true, describe: false, answer: 'nonce', prepared: undefined };
const COMMAND: Step = { ...SET_UP, answer: 'command' };

const READY: BackendMessage = { name: 'readyForQuery', status: 'I' };
const CONFIRMED: readonly BackendMessage[] = [
  { name: 'parseComplete' },
  { name: 'bindComplete' },
  { name: 'dataRow', fields: [NONCE] },
  { name: 'commandComplete', text: 'SELECT 1' },
];
const DONE: readonly BackendMessage[] = [
  { name: 'parseComplete' },
  { name: 'bindComplete' },
  { name: 'commandComplete', text: 'UPDATE 1' },
];

function failure(code: string, { severity = 'ERROR', message = 'message' } = {}): BackendMessage {
  return {
    name: 'error',
    severity,
    code,
    message,
    hint: undefined,
    schema: undefined,
    table: undefined,
    column: undefined,
    constraint: undefined,
    detail: undefined,
    routine: undefined,
  };
}

const CANCELLED = failure('57014');

interface Cancelled {
  readonly access: 'read' | 'write';
  readonly how: string;
  readonly messages: readonly BackendMessage[];
  readonly outcome: Outcome;
}

interface Given {
  readonly access?: 'read' | 'write';
  readonly signal?: AbortSignal;
  /** @defaultValue true */
  readonly cancellable?: boolean;
  readonly withoutNonce?: boolean;
  /** Each takes a tag; without a nonce. */
  readonly commands?: readonly string[];
  readonly mayCommit?: boolean;
}

/** An exchange whose deadline is 500 ms away, and what happens to it, with the milliseconds since its start. */
function begin({
  access = 'read',
  signal,
  cancellable = true,
  commands = [],
  withoutNonce = commands.length > 0,
  mayCommit = false,
}: Given = {}) {
  const clock = new FakeClock();
  const start = clock.now();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${what} at ${clock.now() - start}`);
  const limits = { deadline: start + 500, maxRows: 10, maxBytes: 1000, ...(signal && { signal }) };
  const tagged = commands.map(
    (tag): Step => ({
      kind: 'execute',
      parse: true,
      describe: false,
      answer: 'command',
      tag,
      prepared: undefined,
    }),
  );
  const steps = tagged.length > 0 ? tagged : withoutNonce ? [COMMAND] : [SET_UP, COMMAND];
  const exchange: Exchange = new Exchange(
    { bytes: Buffer.alloc(0), steps, nonce: NONCE, access, limits, withoutNonce, mayCommit },
    clock,
    {
      cancel: cancellable ? async () => note('cancel') : undefined,
      destroy: (error) => {
        note('destroy');
        exchange.fail(error);
      },
    },
  );
  const told: { end?: ReplyEnd; error?: DatabaseError } = {};
  exchange.promise.then(
    (end) => {
      told.end = end;
      note(`answer ${end.error?.code ?? end.tag}`);
    },
    (error: DatabaseError) => {
      told.error = error;
      note(`${error.code}, ${error.outcome},`);
    },
  );
  const receive = (...messages: readonly BackendMessage[]): void => {
    for (const message of messages) {
      const end = exchange.accept(message);
      if (end !== undefined) exchange.finish(end);
    }
  };
  return { clock, exchange, log, told, receive };
}

describe('an exchange that is answered in time', () => {
  it('resolves with the answer and leaves nothing scheduled', async () => {
    const { clock, exchange, log, told, receive } = begin();
    await clock.advance(20);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['answer UPDATE 1 at 20']);
    expect(told.end).toMatchObject({ status: 'I', confirmed: true });
    expect(exchange.cancelled).toBe(false);
  });

  it("resolves with the server's own timeout, which is not a cancel of ours", async () => {
    const { clock, log, receive } = begin({ access: 'write' });
    await clock.advance(510);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['answer 57014 at 510']);
  });

  it('rejects with the fault of its connection and leaves nothing scheduled', async () => {
    const { clock, exchange, log } = begin();
    await clock.advance(20);
    exchange.fail(exchange.failureAtClose(undefined));
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['CONNECTION_LOST, not-applied, at 20']);
  });
});

describe('an exchange whose deadline passes', () => {
  it('cancels after the grace, tells the caller, then destroys the connection', async () => {
    const { clock, log, exchange } = begin();
    await clock.advance(599);
    expect(exchange.cancelled).toBe(false);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700', 'destroy at 1600']);
    expect(exchange.cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('does not know whether a write that never answers was applied', async () => {
    const { clock, log, receive } = begin({ access: 'write' });
    receive(...CONFIRMED, ...DONE);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, unknown, at 700', 'destroy at 1600']);
  });

  it('does not take back a COMMIT that was answered when its cancel met what follows', async () => {
    const { clock, log, told, receive } = begin({ access: 'write', commands: ['COMMIT', 'DISCARD TEMP'] });
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
    const { clock, log, receive } = begin({ access: 'write', mayCommit });
    await clock.advance(600);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', `TIMEOUT, ${outcome}, at 600`]);
  });

  it('takes an answer within the grace, and sends no cancel', async () => {
    const { clock, log, receive } = begin({ access: 'write' });
    await clock.advance(599);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['answer UPDATE 1 at 599']);
  });

  it('takes an answer that the cancel came too late for', async () => {
    const { clock, log, receive } = begin({ access: 'write' });
    await clock.advance(650);
    receive(...CONFIRMED, ...DONE, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'answer UPDATE 1 at 650']);
  });

  it('takes another error than that of the cancel for the answer', async () => {
    const { clock, log, receive } = begin({ access: 'write' });
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
    const { clock, log, receive } = begin({ access, withoutNonce });
    await clock.advance(650);
    receive(...messages, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', `TIMEOUT, ${outcome}, at 650`]);
  });

  it('destroys nothing when the answer comes after the caller was told', async () => {
    const { clock, log, receive } = begin();
    await clock.advance(1_599);
    receive(...CONFIRMED, CANCELLED, READY);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700']);
  });

  it('tells at once that the connection was lost after the cancel', async () => {
    const { clock, exchange, log } = begin({ access: 'write' });
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
    const { clock, log, told } = begin({ signal: controller.signal });
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
    const { clock, log, told, receive } = begin({ access, signal: controller.signal });
    await clock.advance(20);
    controller.abort();
    receive(...messages, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['cancel at 20', `ABORTED, ${outcome}, at 20`]);
    expect(told.error?.cause).toBe(controller.signal.reason);
  });

  it('cancels once, whether the deadline or the abort comes first', async () => {
    const late = new AbortController();
    const timed = begin({ signal: late.signal });
    await timed.clock.advance(600);
    late.abort();
    await timed.clock.advance(10_000);
    expect(timed.log).toEqual(['cancel at 600', 'TIMEOUT, not-applied, at 700', 'destroy at 1600']);

    const early = new AbortController();
    const aborted = begin({ signal: early.signal });
    await aborted.clock.advance(550);
    early.abort();
    await aborted.clock.advance(10_000);
    expect(aborted.log).toEqual(['cancel at 550', 'ABORTED, not-applied, at 650', 'destroy at 1550']);
  });

  it('does not hear the signal any more once it has ended', async () => {
    for (const end of ['answer', 'failure'] as const) {
      const controller = new AbortController();
      const { clock, exchange, log, receive } = begin({ signal: controller.signal });
      if (end === 'answer') receive(...CONFIRMED, ...DONE, READY);
      else exchange.fail(exchange.failureAtClose(undefined));
      expect(getEventListeners(controller.signal, 'abort'), end).toEqual([]);
      controller.abort();
      await clock.advance(10_000);
      expect(log, end).toHaveLength(1);
      expect(exchange.cancelled, end).toBe(false);
    }
  });
});

describe('an exchange that cannot be cancelled', () => {
  it('tells the caller at the deadline and goes on waiting for the answer', async () => {
    const { clock, exchange, log, receive } = begin({ cancellable: false, access: 'write' });
    await clock.advance(10_000);
    expect(log).toEqual(['TIMEOUT, unknown, at 500']);
    expect(exchange.cancelled).toBe(false);
    expect(clock.pending).toBe(0);
    receive(...CONFIRMED, ...DONE, READY);
    await clock.advance(10_000);
    expect(log).toEqual(['TIMEOUT, unknown, at 500']);
    expect(clock.pending).toBe(0);
  });

  it('tells the caller of the abort at once', async () => {
    const controller = new AbortController();
    const { clock, log } = begin({ cancellable: false, signal: controller.signal });
    await clock.advance(20);
    controller.abort();
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(log).toEqual(['ABORTED, not-applied, at 20']);
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
    const { exchange, receive } = begin({ access });
    receive(...messages);
    expect(exchange.failureAtClose(undefined)).toMatchObject({ code, outcome });
  });

  it('keeps the cause', () => {
    const { exchange } = begin();
    const cause = new Error('read ECONNRESET');
    expect(exchange.failureAtClose(cause).cause).toBe(cause);
  });
});

describe('an exchange whose statement may commit by itself', () => {
  const mine = { access: 'write', mayCommit: true } as const;

  it('may have been applied when it was cancelled', async () => {
    const { clock, log, receive } = begin(mine);
    await clock.advance(650);
    receive(...CONFIRMED, CANCELLED, READY);
    await clock.advance(0);
    expect(log).toEqual(['cancel at 600', 'TIMEOUT, unknown, at 650']);
  });

  it('may have been applied when its connection ended after an error of its own', () => {
    const { exchange, receive } = begin(mine);
    receive(...CONFIRMED, failure('23505'));
    expect(exchange.failureAtClose(undefined)).toMatchObject({ outcome: 'unknown' });
  });
});
