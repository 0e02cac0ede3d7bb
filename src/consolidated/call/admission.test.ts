import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { identified, inTurn } from './admission.ts';
import { Call } from './call.ts';
import type { CallPlace, InsideTransaction, Turn } from './call-place.ts';
import { type CallResult, held } from './ready-statement.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };

/** A fake order of calls: each begins when those before it have ended. */
function turns(): () => Turn {
  let last = Promise.resolve();
  return () => {
    const begins = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = begins.then(() => promise);
    return { begins, end: resolve };
  };
}

/** Calls of one transaction, whose last stage is held back until a test says so. */
function fixture() {
  const clock = new FakeClock();
  const place = { inside: { takeTurn: turns() } as unknown as InsideTransaction } as CallPlace;
  const log: string[] = [];
  const call = (
    name: string,
    next: () => Promise<CallResult> | never,
    resolve: () => unknown = () => ACTOR,
  ) => {
    const one = new Call(
      'select',
      place,
      { resolve } as never,
      {},
      held(() => undefined),
      undefined,
    );
    one.limits = {
      deadline: clock.now() + 500,
      signal: undefined,
      maxRows: 1,
      maxBytes: 1,
    } satisfies CallLimits;
    const stages = inTurn(
      clock,
      identified(clock, () => {
        log.push(name);
        return next();
      }),
    );
    return Promise.resolve(stages(one));
  };
  return { clock, log, call };
}

const answered = async (): Promise<CallResult> => ({ value: 7, rows: 0 });

describe('calls of one transaction', () => {
  it('begin when those before them have ended', async () => {
    const { clock, log, call } = fixture();
    const held = Promise.withResolvers<CallResult>();
    const first = call('first', () => held.promise);
    const second = call('second', answered);
    await clock.advance(10);
    expect(log).toEqual(['first']);
    held.resolve({ value: 1, rows: 0 });
    expect(await Promise.all([first, second])).toEqual([
      { value: 1, rows: 0 },
      { value: 7, rows: 0 },
    ]);
  });

  it('keep the order in which they were made, though the first one waits for its token', async () => {
    const { clock, log, call } = fixture();
    const verified = Promise.withResolvers<Actor>();
    const first = call('first', answered, () => verified.promise);
    const second = call('second', answered);
    await clock.advance(10);
    expect(log).toEqual([]);
    verified.resolve(ACTOR);
    await Promise.all([first, second]);
    expect(log).toEqual(['first', 'second']);
  });

  it('begin after one that failed, at once or later', async () => {
    const { call } = fixture();
    const failure = new Error('no');
    const failed = [
      call('throws', () => {
        throw failure;
      }),
      call('rejects', () => Promise.reject(failure)),
    ];
    const after = call('after', answered);
    for (const one of failed) await expect(one).rejects.toBe(failure);
    expect(await after).toEqual({ value: 7, rows: 0 });
  });

  it('give up at their deadline, and those behind them still wait for the first', async () => {
    const { clock, log, call } = fixture();
    const held = Promise.withResolvers<CallResult>();
    const first = call('first', () => held.promise);
    const told = expect(call('second', answered)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance(500);
    await told;
    const third = call('third', answered);
    await clock.advance(10);
    expect(log).toEqual(['first']);
    held.resolve({ value: 1, rows: 0 });
    await Promise.all([first, third]);
    expect(log).toEqual(['first', 'third']);
  });
});

describe('a call whose token is being verified', () => {
  it('ends at its deadline', async () => {
    const { clock, log, call } = fixture();
    const told = expect(call('first', answered, () => new Promise(() => {}))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await clock.advance(500);
    await told;
    expect(log).toEqual([]);
  });
});
