import { describe, expect, it } from 'vitest';
import { isoTimestamp, isoTimestamptz } from './timestamp.ts';

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
