import { expect, it } from 'vitest';
import type { Output } from '../../src/bench/run-output.ts';
import { describeFullStack } from '../../test/support/full-stack.ts';
import { CASES, type ContenderName } from './contender.ts';
import { parseSuiteOptions, type SuiteArguments } from './options.ts';
import { runSuite } from './run.ts';
import type { SuiteRow } from './suite-row.ts';

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
  const cells = (rows: readonly SuiteRow[], name: ContenderName) =>
    rows.filter(({ contender }) => contender === name).map((row) => row.case);

  it('does every piece of work with every contender', { timeout: PATIENCE_MS }, async () => {
    const { rows, contenders } = await rowsOf({ plot: 'work', mode: 'direct', quick: true });
    for (const { name, cases = CASES, modes = ['direct'] } of contenders) {
      expect(cells(rows, name).sort(), name).toEqual(modes.includes('direct') ? [...cases].sort() : []);
    }
  });

  it('does it in transaction mode too', { timeout: PATIENCE_MS }, async () => {
    const asked = ['select', 'page'] as const;
    const { rows, contenders } = await rowsOf({ plot: 'work', mode: 'transaction', case: asked.join(',') });
    for (const { name, cases = CASES, modes = ['transaction'] } of contenders) {
      const wanted = asked.filter((each) => modes.includes('transaction') && cases.includes(each));
      expect(cells(rows, name), name).toEqual(wanted);
    }
  });

  it('shares the work out among processes', { timeout: PATIENCE_MS }, async () => {
    const { rows } = await rowsOf({ plot: 'processes', contender: 'consolidated-db' });
    expect(rows.map(({ processes }) => processes)).toEqual([1, 2, 4, 8]);
  });
});
