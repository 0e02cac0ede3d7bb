import { describe, expect, it } from 'vitest';
import { firstFailure, readReport } from './test-report.ts';

const TIMES = { startTime: 1_000, endTime: 1_250 };
const passed = { status: 'passed', fullName: 'works' };
const failed = { status: 'failed', fullName: 'breaks' };

function runsOf(...testResults: object[]): ReturnType<typeof readReport> {
  return readReport(JSON.stringify({ testResults }), '/copy');
}

describe('the report of a run', () => {
  it('gives each file with its time and the first of its tests that failed', () => {
    expect(
      runsOf(
        { ...TIMES, name: '/copy/src/a.test.ts', status: 'passed', assertionResults: [passed] },
        { ...TIMES, name: '/copy/src/b.test.ts', status: 'failed', assertionResults: [passed, failed] },
      ),
    ).toEqual([
      { file: 'src/a.test.ts', ms: 250, failure: undefined },
      { file: 'src/b.test.ts', ms: 250, failure: 'breaks' },
    ]);
  });

  it('blames a failed test or an error before what the end of the run cut off', () => {
    const cutOff = { ...TIMES, name: '/copy/a.test.ts', status: 'failed', message: '', assertionResults: [] };
    const unread = { ...cutOff, name: '/copy/b.test.ts', message: 'SyntaxError: no\nat line 1' };
    expect(firstFailure(runsOf(cutOff, unread))).toMatchObject({
      file: 'b.test.ts',
      failure: 'SyntaxError: no',
    });
    expect(firstFailure(runsOf(cutOff))).toMatchObject({ file: 'a.test.ts' });
    expect(firstFailure(runsOf({ ...cutOff, status: 'passed' }))).toBeUndefined();
  });
});
