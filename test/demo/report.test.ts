import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { PLACES_SOURCE } from '../../examples/demo/places.ts';
import { coloured, paintFor, plain, WIDTH, wrap } from '../../examples/demo/report/format.ts';
import { jsonReport } from '../../examples/demo/report/json-report.ts';
import type { Report } from '../../examples/demo/report/report.ts';
import { allWell } from '../../examples/demo/report/summary.ts';
import { TITLE_WIDTH, tableHead, tableRow } from '../../examples/demo/report/table.ts';
import { tableReport } from '../../examples/demo/report/table-report.ts';
import { cleanUpStep, setUpSteps } from '../../examples/demo/set-up.ts';
import type { StepResult } from '../../examples/demo/step-result.ts';
import { allSteps } from '../../examples/demo/steps/all.ts';

function result(more: Partial<StepResult> = {}): StepResult {
  return {
    number: 7,
    title: 'Read one trip',
    as: 'ana',
    modes: ['transaction'],
    milliseconds: 1.234,
    rows: 1,
    outcome: 'ok',
    note: undefined,
    refusal: undefined,
    problem: undefined,
    ...more,
  };
}

const refused = result({
  number: 8,
  title: 'Insert a trip',
  as: 'anonymous',
  modes: ['session'],
  rows: undefined,
  outcome: 'refused',
  refusal: {
    error: 'AuthorizationError',
    code: 'FORBIDDEN',
    sqlState: '42501',
    reason: 'Row level security refused the row.',
  },
});
const failed = result({
  number: 9,
  rows: undefined,
  outcome: 'failed',
  problem: 'It was allowed. '.repeat(20).trim(),
});

function printed(make: (write: (text: string) => void) => Report, results: readonly StepResult[]): string {
  let text = '';
  const report = make((more) => {
    text += more;
  });
  report.begin({ modes: ['session', 'transaction'], source: PLACES_SOURCE, caution: undefined });
  for (const each of results) report.step(each);
  report.warning('The login may do too much.');
  report.warning('The login may do too much.');
  report.end({ results, elapsedMs: 6_543.21, ok: allWell(results), interrupted: false });
  return text;
}

describe('the table', () => {
  test('has the same columns in every row', () => {
    const [titles = '', rules = ''] = tableHead(plain).split('\n');
    const row = tableRow(result({ milliseconds: 12_345.6, rows: 1_500 }), plain);
    expect(titles).toMatchInlineSnapshot(
      `"    # step                                  as        mode            ms    rows"`,
    );
    expect(row).toMatchInlineSnapshot(
      `"✓   7 Read one trip                         ana       transaction 12,346   1,500"`,
    );
    expect(WIDTH).toBe(80);
    expect(rules).toHaveLength(WIDTH);
  });

  test('says so where nothing was sent, and where a step took several ways', () => {
    expect(tableRow(result({ modes: [] }), plain)).toMatch(/ana {7}· /);
    expect(tableRow(result({ modes: ['session', 'transaction'] }), plain)).toContain('several');
  });

  test('shows a note or a problem below its row, within its width', () => {
    const [, ...below] = tableRow(failed, plain).split('\n');
    expect(below.length).toBeGreaterThan(1);
    expect(below.join(' ').replace(/\s+/g, ' ').trim()).toBe(failed.problem);
    expect(below.every((line) => line.length <= WIDTH)).toBe(true);
  });

  test('has room for the title of every step, and no two are alike for one person', () => {
    const steps = [...allSteps, ...setUpSteps(true, true), ...setUpSteps(false, false), cleanUpStep];
    expect(steps.filter(({ title }) => title.length > TITLE_WIDTH).map(({ title }) => title)).toEqual([]);
    const names = allSteps.map(({ as, title }) => `${as}: ${title}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('colour', () => {
  test('is for a terminal whose user does not refuse it', () => {
    expect(paintFor(true, {})).toBe(coloured);
    expect(paintFor(false, {})).toBe(plain);
    expect(paintFor(true, { NO_COLOR: '1' })).toBe(plain);
    expect(paintFor(true, { NO_COLOR: '' })).toBe(coloured);
  });

  test('changes no character and no alignment', () => {
    const results = [result(), refused, failed];
    const withColour = printed((write) => tableReport(write, coloured), results);
    const without = printed((write) => tableReport(write, plain), results);
    expect(withColour).not.toBe(without);
    expect(stripVTControlCharacters(withColour)).toBe(without);
  });
});

describe('the end of the table', () => {
  test('lists what was refused and why, what failed, each warning once, and the totals', () => {
    const text = printed((write) => tableReport(write, plain), [result(), refused, failed]);
    expect(text).toContain('What was refused, and why\n   8  anonymous: Insert a trip\n');
    expect(text).toContain(
      'AuthorizationError FORBIDDEN, SQLSTATE 42501: Row level security refused\n      the row.',
    );
    expect(text).toContain('What went wrong\n   9  ana: Read one trip\n');
    expect(text.match(/Warning:/g)).toHaveLength(1);
    expect(text).toContain('3 steps in 6.5 s · 1 done · 1 refused as expected · 1 failed.');
    expect(text.split('\n').every((line) => line.length <= WIDTH)).toBe(true);
  });

  test('says nothing of failures where there are none', () => {
    const text = printed((write) => tableReport(write, plain), [result(), refused]);
    expect(text).not.toContain('did not go');
    expect(text).toContain('0 failed.');
  });
});

test('--json prints one document with every step', () => {
  const document = JSON.parse(printed(jsonReport, [result(), refused, failed]));
  expect(document).toMatchObject({
    ok: false,
    modes: ['session', 'transaction'],
    source: PLACES_SOURCE,
    milliseconds: 6543.21,
    counts: { ok: 1, refused: 1, failed: 1, leftOut: 0 },
    warnings: ['The login may do too much.'],
  });
  expect(document.steps).toHaveLength(3);
  expect(document.steps[0]).toMatchObject({
    number: 7,
    as: 'ana',
    modes: ['transaction'],
    milliseconds: 1.234,
    rows: 1,
  });
  expect(document.steps[1].refusal).toEqual(refused.refusal);
});

test('all is well only when steps ran and none failed', () => {
  expect(allWell([result(), refused])).toBe(true);
  expect(allWell([result(), failed])).toBe(false);
  expect(allWell([])).toBe(false);
});

test('wrapped text loses no word, and a long word stands alone', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('a immeasurable b', 5)).toEqual(['a', 'immeasurable', 'b']);
});
