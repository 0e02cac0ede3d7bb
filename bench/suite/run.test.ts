import { expect, it } from 'vitest';
import type { Output } from '../../src/bench/run-output.ts';
import { describeFullStack } from '../../test/support/full-stack.ts';
import { CASES } from './contender.ts';
import { parseSuiteOptions, type SuiteArguments } from './options.ts';
import { runSuite } from './run.ts';

const PATIENCE_MS = 400_000;

const SMALL: SuiteArguments = { rows: '400', rounds: '1', seconds: '0.02' };

/** Each contender proves in each group that it sees its own rows only, and answers what it should. */
async function rowsOf(args: SuiteArguments) {
  const lines: string[] = [];
  const output: Output = { line: (text = '') => void lines.push(text), progress: () => {} };
  const { results, contenders, leftOut } = await runSuite(
    { ...parseSuiteOptions({ ...SMALL, ...args }), warmUpMs: 5 },
    output,
  );
  expect(lines.join('\n')).not.toMatch(/undefined|NaN/);
  const rows = results.flatMap((result) => result.rows);
  expect(rows.every(({ perSecond, quantilesUs }) => perSecond > 0 && quantilesUs.length > 0)).toBe(true);
  for (const { name } of leftOut) expect(lines.join('\n')).toContain(`\n  ${name}: `);
  return { rows, contenders };
}

describeFullStack('the suite', () => {
  it('does every piece of work with every contender, in both modes', { timeout: PATIENCE_MS }, async () => {
    const { rows, contenders } = await rowsOf({ plot: 'work' });
    for (const { name, cases = CASES, modes } of contenders) {
      const own = rows.filter(({ contender }) => contender === name);
      const wanted = cases.filter((each) => modes === undefined || each !== 'transaction');
      expect([...new Set(own.map((row) => row.case))].sort(), name).toEqual([...wanted].sort());
      expect(new Set(own.map(({ mode }) => mode)).size, name).toBe(modes?.length ?? 2);
    }
  });

  it('shares the work out among processes', { timeout: PATIENCE_MS }, async () => {
    const { rows } = await rowsOf({ plot: 'processes', contender: 'consolidated-db' });
    expect(rows.map(({ processes }) => processes)).toEqual([1, 2, 4, 8]);
  });
});
