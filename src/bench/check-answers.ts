import { UsageError } from '../contract/errors.ts';
import { benchFailure } from './bench-failure.ts';
import type { NamedCase } from './define-bench.ts';
import { answerDifference, isEmptyAnswer } from './same-answers.ts';

/** Each case is checked with so many calls. */
const CHECKED_CALLS = 5;

/** Does the n-th call of one way. */
type CallWay = (contender: string, n: number) => Promise<unknown>;

/**
 * Calls every way of a case and compares their answers: a bench of different answers is worthless.
 *
 * @returns what the reader must know: that all answers were empty, or that they were not compared
 * @throws UsageError `BENCH_ANSWERS_DIFFER`; what `call` throws
 */
export async function checkAnswers(
  measured: NamedCase,
  firstCall: number,
  call: CallWay,
): Promise<{ readonly calls: number; readonly warnings: readonly string[] }> {
  const all: unknown[] = [];
  for (let n = firstCall; n < firstCall + CHECKED_CALLS; n++) {
    const answers = new Map<string, unknown>();
    for (const contender of measured.ways.keys()) answers.set(contender, await call(contender, n));
    all.push(...answers.values());
    await compareAnswers(measured, n, answers);
  }
  return { calls: CHECKED_CALLS, warnings: warningsOf(measured, all) };
}

async function compareAnswers(
  { name, check }: NamedCase,
  n: number,
  answers: ReadonlyMap<string, unknown>,
): Promise<void> {
  const place = `the case '${name}', call ${n}`;
  if (typeof check === 'function') {
    let same: unknown;
    try {
      same = await check(Object.fromEntries(answers));
    } catch (error) {
      throw benchFailure(`The check of the case '${name}'`, error);
    }
    if (same === true) return;
    throw differing(`Its check did not return true for ${place}.`);
  }
  if (typeof check === 'object') return;
  const [[first, answer] = ['', undefined], ...others] = answers;
  for (const [other, otherAnswer] of others) {
    let difference: string | undefined;
    try {
      difference = answerDifference(answer, otherAnswer, check === 'exact');
    } catch (error) {
      throw benchFailure(`Comparing the answers of the case '${name}'`, error);
    }
    if (difference !== undefined) {
      throw differing(`'${first}' and '${other}' answer differently in ${place}: ${difference}.`);
    }
  }
}

function differing(message: string): UsageError {
  return new UsageError(`${message} Nothing was measured.`, {
    code: 'BENCH_ANSWERS_DIFFER',
    hint: 'Let each way return the same rows and types, or set the option check of the case: a function that compares them, or { skip: why }.',
  });
}

function warningsOf({ name, ways, check }: NamedCase, answers: readonly unknown[]): string[] {
  return [
    ...(answers.every(isEmptyAnswer)
      ? [`Every answer of the case '${name}' was empty: are these the rows that you want to measure?`]
      : []),
    ...(typeof check === 'object' && ways.size > 1
      ? [`The answers of the case '${name}' were not compared: ${check.skip}`]
      : []),
  ];
}
