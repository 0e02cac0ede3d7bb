import type { Outcome, StepResult } from '../step-result.ts';
import { count, type Paint, WIDTH, wrap } from './format.ts';

/** What was refused and why, what failed, and one line about the whole run. */
export function summary(results: readonly StepResult[], elapsedMs: number, paint: Paint): string {
  const blocks = [refusals(results, paint), failures(results, paint), total(results, elapsedMs, paint)];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** Every step went as expected: it succeeded, or was refused, as it should. */
export function allWell(results: readonly StepResult[]): boolean {
  return results.length > 0 && results.every(({ outcome }) => outcome !== 'failed');
}

export function countOf(results: readonly StepResult[], outcome: Outcome): number {
  return results.filter((result) => result.outcome === outcome).length;
}

function refusals(results: readonly StepResult[], paint: Paint): string {
  const lines = results.flatMap(({ number, as, title, refusal }) => {
    if (refusal === undefined) return [];
    const state = refusal.sqlState === undefined ? '' : `, SQLSTATE ${refusal.sqlState}`;
    return [
      `${String(number).padStart(4)}  ${as}: ${title}`,
      ...indented(`${refusal.error} ${refusal.code}${state}: ${refusal.reason}`, paint.faint),
    ];
  });
  return lines.length === 0 ? '' : [paint.strong('What was refused, and why'), ...lines].join('\n');
}

function failures(results: readonly StepResult[], paint: Paint): string {
  const lines = results.flatMap(({ number, as, title, outcome, problem }) =>
    outcome === 'failed'
      ? [`${String(number).padStart(4)}  ${as}: ${title}`, ...indented(problem ?? '', paint.bad)]
      : [],
  );
  return lines.length === 0 ? '' : [paint.bad('What went wrong'), ...lines].join('\n');
}

function indented(text: string, colour: (text: string) => string): readonly string[] {
  return wrap(text, WIDTH - 6).map((part) => `      ${colour(part)}`);
}

function total(results: readonly StepResult[], elapsedMs: number, paint: Paint): string {
  const failed = countOf(results, 'failed');
  const leftOut = countOf(results, 'left out');
  const parts = [
    `${count(results.length)} steps in ${(elapsedMs / 1000).toFixed(1)} s`,
    `${count(countOf(results, 'ok'))} done`,
    `${count(countOf(results, 'refused'))} refused as expected`,
    ...(leftOut === 0 ? [] : [`${count(leftOut)} left out`]),
    `${count(failed)} failed`,
  ];
  const text = `${parts.join(' · ')}.`;
  return failed === 0 ? paint.good(text) : paint.bad(text);
}
