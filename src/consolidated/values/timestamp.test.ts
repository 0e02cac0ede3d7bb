import { describe, expect, it } from 'vitest';
import { isIsoRange, isoDate, isoTimestamp, isoTimestamptz, isPostgresInterval } from './timestamp.ts';

describe('isoTimestamptz', () => {
  it.each([
    ['2024-01-02 03:04:05+00', '2024-01-02T03:04:05+00:00'],
    ['2024-01-02 03:04:05.678+00', '2024-01-02T03:04:05.678+00:00'],
    ['2024-01-02 03:04:05+05:30', '2024-01-02T03:04:05+05:30'],
    ['2024-01-02 03:04:05-03', '2024-01-02T03:04:05-03:00'],
    ['1880-01-02 03:04:05+00:19:32', '1880-01-02T03:04:05+00:19:32'],
    ['12024-01-02 03:04:05+00', '12024-01-02T03:04:05+00:00'],
    ['0044-03-15 00:00:00+00 BC', '0044-03-15T00:00:00+00:00 BC'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
  ])('%s becomes %s', (text, iso) => {
    expect(isoTimestamptz(text)).toBe(iso);
  });
});

describe('isoTimestamp', () => {
  it.each([
    ['2024-01-02 03:04:05.6', '2024-01-02T03:04:05.6'],
    ['12024-01-02 03:04:05', '12024-01-02T03:04:05'],
    ['0044-03-15 00:00:00 BC', '0044-03-15T00:00:00 BC'],
    ['infinity', 'infinity'],
  ])('%s becomes %s', (text, iso) => {
    expect(isoTimestamp(text)).toBe(iso);
  });
});

describe('isoDate', () => {
  it.each(['2024-01-02', '12024-01-02', '0044-03-15 BC', 'infinity', '-infinity'])('%s is itself', (text) => {
    expect(isoDate(text)).toBe(text);
  });
});

describe('another DateStyle', () => {
  it.each([
    '02/01/2026 03:04:05.678 UTC',
    '02/01/2026 03:04:05 +00',
    '02/01/12026 03:04:05 UTC',
    'Sun Feb 01 03:04:05.678 2026 UTC',
    '01.02.2026 03:04:05 UTC',
    '01.02.2026 03:04:05+00',
    'epoch',
    '',
  ])('is refused: %s', (text) => {
    for (const read of [isoTimestamptz, isoTimestamp, isoDate]) {
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'FORMAT_CHANGED' }));
    }
  });

  it.each(['02/01/2026', '02-01-2026', '01.02.2026', '02/01/12026'])('is refused of a date: %s', (text) => {
    expect(() => isoDate(text)).toThrow(expect.objectContaining({ code: 'FORMAT_CHANGED' }));
  });
});

describe('a range of dates or times', () => {
  it.each([
    'empty',
    '(,)',
    '[2026-02-01,2026-03-01)',
    '[-infinity,infinity]',
    '["2026-02-01 00:00:00+00","2026-02-03 00:00:00.5+05:30")',
    '("0044-03-15 BC",12026-01-01)',
    '{}',
    '{[2026-02-01,2026-03-01),[2027-02-01,)}',
  ])('is in ISO style: %s', (text) => {
    expect(isIsoRange(text)).toBe(true);
  });

  it.each([
    '[02/01/2026,03/01/2026)',
    '[01-02-2026,)',
    '["01.02.2026 00:00:00 UTC",)',
    '{[01.02.2026,)}',
    '[2026-02-01,',
    '',
  ])('is in another style: %s', (text) => {
    expect(isIsoRange(text)).toBe(false);
  });
});

describe('an interval', () => {
  it.each([
    '00:00:00',
    '1 day',
    '-3 days',
    '1 year 2 mons -3 days +04:05:06.7',
    '-1 years -2 mons +3 days -04:05:06.789',
    '123:45:06',
    'infinity',
    '-infinity',
  ])('is in the style of Postgres: %s', (text) => {
    expect(isPostgresInterval(text)).toBe(true);
  });

  it.each([
    '0',
    '1-2',
    '3 4:05:06',
    '4:05:06',
    '@ 1 day 2 hours',
    '@ 0',
    'P1DT2H',
    'PT0S',
    '+1-2 -3 +4:05:06',
    '',
  ])('is in another style: %s', (text) => {
    expect(isPostgresInterval(text)).toBe(false);
  });
});
