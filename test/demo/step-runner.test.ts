import { describe, expect, test } from 'vitest';
import { CallLog } from '../../examples/demo/call-log.ts';
import { ExpectationError, type Step } from '../../examples/demo/step.ts';
import type { StepResult } from '../../examples/demo/step-result.ts';
import { StepRunner } from '../../examples/demo/step-runner.ts';
import { AuthorizationError } from '../../src/contract/errors.ts';

function runnerFor(signal: AbortSignal = new AbortController().signal) {
  const calls = new CallLog();
  const told: StepResult[] = [];
  let clock = 0;
  const now = (): number => {
    clock += 5;
    return clock;
  };
  const runner = new StepRunner({ calls, now, signal, onResult: (result) => told.push(result) });
  return { runner, calls, told };
}

function step(run: Step<null>['run'], more: Partial<Step<null>> = {}): Step<null> {
  return { title: 'A step', as: 'ana', run, ...more };
}

const succeeds = step(async () => ({ rows: 3, note: 'three' }));
const forbidden = async (): Promise<never> => {
  throw new AuthorizationError('Row level security refused the row.', { sqlState: '42501' });
};
const ALL = { pin: true, leaveTraces: true };
const REFUSED = { error: 'AuthorizationError', code: 'FORBIDDEN' };

describe('a step', () => {
  test('that succeeds tells rows, time, and the modes of its calls, each once', async () => {
    const { runner, calls } = runnerFor();
    calls.record({ mode: 'direct' });
    const result = await runner.run(
      step(async () => {
        for (const mode of ['session', 'transaction', 'session', undefined] as const) calls.record({ mode });
        return { rows: 3, note: 'three' };
      }),
      null,
    );
    expect(result).toMatchObject({
      number: 1,
      outcome: 'ok',
      rows: 3,
      note: 'three',
      milliseconds: 5,
      modes: ['session', 'transaction'],
    });
  });

  test('that must be refused, and is, tells how', async () => {
    const result = await runnerFor().runner.run(step(forbidden, { refused: REFUSED }), null);
    expect(result.outcome).toBe('refused');
    expect(result.refusal).toEqual({
      error: 'AuthorizationError',
      code: 'FORBIDDEN',
      sqlState: '42501',
      reason: 'Row level security refused the row.',
    });
  });

  test.each<[string, Step<null>, string]>([
    ['that must be refused, and is allowed', { ...succeeds, refused: REFUSED }, 'It was allowed.'],
    [
      'that must succeed, and is refused',
      step(forbidden),
      'AuthorizationError FORBIDDEN: Row level security',
    ],
    [
      'that is refused by another class of error',
      step(forbidden, { refused: { error: 'NotFoundError', code: 'FORBIDDEN' } }),
      'It should be refused with NotFoundError FORBIDDEN.',
    ],
    [
      'that is refused with another code',
      step(forbidden, { refused: { error: 'AuthorizationError', code: 'OTHER' } }),
      'It should be refused with AuthorizationError OTHER.',
    ],
    [
      'that must be refused, and finds something wrong by itself',
      step(() => Promise.reject(new ExpectationError('Wanted 1, got 2.')), { refused: REFUSED }),
      'Wanted 1, got 2.',
    ],
    [
      'that breaks',
      step(() => Promise.reject(new TypeError('x is not a function'))),
      'TypeError: x is not a function',
    ],
  ])('%s fails', async (_name, given, problem) => {
    const result = await runnerFor().runner.run(given, null);
    expect(result).toMatchObject({ outcome: 'failed', rows: undefined, refusal: undefined });
    expect(result.problem).toContain(problem);
  });
});

describe('steps', () => {
  test('go on after one that fails, and are told in order', async () => {
    const { runner, told } = runnerFor();
    await runner.runAll([succeeds, step(forbidden), succeeds], null, ALL);
    expect(told.map((result) => [result.number, result.outcome])).toEqual([
      [1, 'ok'],
      [2, 'failed'],
      [3, 'ok'],
    ]);
    expect(runner.results).toEqual(told);
  });

  test('of which each needs the one before end at a failure', async () => {
    const { runner, told } = runnerFor();
    expect(await runner.runUntilFailure([succeeds, step(forbidden), succeeds], null)).toBe(false);
    expect(told).toHaveLength(2);
    expect(await runner.runUntilFailure([succeeds], null)).toBe(true);
  });

  test('that need a connection of their own are left out where there is none', async () => {
    const { runner, told } = runnerFor();
    const pinned = step(() => Promise.reject(new Error('It ran.')), { pinned: true });
    await runner.runAll([pinned, succeeds], null, { ...ALL, pin: false });
    expect(told.map((result) => result.outcome)).toEqual(['left out', 'ok']);
  });

  test('that leave traces for good are left out in a database of somebody else', async () => {
    const { runner, told } = runnerFor();
    const traces = step(() => Promise.reject(new Error('It ran.')), { embedded: true });
    await runner.runAll([traces, succeeds], null, { ...ALL, leaveTraces: false });
    expect(told.map((result) => result.outcome)).toEqual(['left out', 'ok']);
    expect(told[0]?.problem).toContain('leaves traces for good');
  });

  test('end after the one that runs when the demo is interrupted, save the clean-up', async () => {
    const interruption = new AbortController();
    const { runner, told } = runnerFor(interruption.signal);
    const interrupts = step(async () => {
      interruption.abort();
      return {};
    });
    await runner.runAll([interrupts, succeeds], null, ALL);
    expect(told).toHaveLength(1);
    expect((await runner.run(succeeds, null)).outcome).toBe('ok');
  });
});
