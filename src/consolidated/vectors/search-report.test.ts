import { describe, expect, it } from 'vitest';
import { isOriginMissing, REPORT_CODES, readReport } from './search-report.ts';

describe('the report of a search', () => {
  it.each([
    ['exact', { plan: 'exact', areFew: false }],
    ['index', { plan: 'index', areFew: false }],
    ['few', { plan: 'exact', areFew: true }],
    ['short', { plan: 'index, then exact', areFew: false }],
  ] as const)('reads %s, with the rows that were looked at', (code, expected) => {
    for (const scanned of [1, 7, 8, 12_345, 4_000_000_000]) {
      expect(readReport(REPORT_CODES[code] + 8 * scanned)).toEqual({ ...expected, scanned });
    }
    expect(isOriginMissing(REPORT_CODES[code] + 8 * 5)).toBe(false);
  });

  it('does not know what was looked at where nothing was counted', () => {
    expect(readReport(REPORT_CODES.index)).toEqual({ plan: 'index', areFew: false, scanned: undefined });
  });

  it('says that the row it starts from is missing, however much was looked at', () => {
    expect(isOriginMissing(REPORT_CODES.noOrigin)).toBe(true);
    expect(isOriginMissing(REPORT_CODES.noOrigin + 8 * 300)).toBe(true);
  });
});
