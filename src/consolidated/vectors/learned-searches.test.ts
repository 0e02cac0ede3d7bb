import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { ServiceEvent } from '../../contract/service-event.ts';
import { LearnedSearches } from './learned-searches.ts';
import type { SearchReport } from './search-report.ts';

const BY_INDEX: SearchReport = { plan: 'index', areFew: false, scanned: 100 };
const SHORT: SearchReport = { plan: 'index, then exact', areFew: false, scanned: 5_000 };
const FEW: SearchReport = { plan: 'exact', areFew: true, scanned: 50 };
const EXACT: SearchReport = { plan: 'exact', areFew: false, scanned: 10_000 };

function setUp() {
  const clock = new FakeClock();
  const events: ServiceEvent[] = [];
  const searches = new LearnedSearches(clock, (event) => events.push(event));
  const made = { inner: 20, few: 1_000, rows: 10_000, relation: 'public.docs', role: 'authenticated' };
  const note = (report: SearchReport, byLearned = false, key = 'a', changes: object = {}) =>
    searches.note({ ...made, key, byLearned, report, ...changes });
  /** How often it is answered until the question is open again. */
  const uses = () => {
    let number = 0;
    while (number < 1_000 && searches.of('a') !== undefined) number++;
    return number;
  };
  return { clock, events, searches, note, uses };
}

describe('what searches have shown', () => {
  it('says nothing of what was never searched, and of other keys', () => {
    const { searches, note } = setUp();
    expect(searches.of('a')).toBeUndefined();
    note(BY_INDEX);
    expect(searches.of('b')).toBeUndefined();
    expect(searches.of('a')).toMatchObject({ form: 'index', reason: 'many rows', selectivity: 0.2 });
  });

  it.each<[string, SearchReport, object, object | undefined]>([
    ['an index that named enough', BY_INDEX, {}, { form: 'index', reason: 'many rows', selectivity: 0.2 }],
    [
      'one whose reads are not counted',
      { ...BY_INDEX, scanned: undefined },
      {},
      { form: 'index', selectivity: undefined },
    ],
    ['one that named fewer than it passed', { ...BY_INDEX, scanned: 10 }, {}, { selectivity: 1 }],
    ['an index that named too few', SHORT, {}, { form: 'exact', reason: 'short' }],
    ['an index that looked at 2 in 10', { ...BY_INDEX, scanned: 2_000 }, {}, { form: 'index' }],
    [
      'an index that looked at more',
      { ...BY_INDEX, scanned: 2_001 },
      {},
      { form: 'exact', reason: 'costly' },
    ],
    [
      'one that did in a table of unknown size',
      { ...BY_INDEX, scanned: 2_001 },
      { rows: undefined },
      { form: 'index' },
    ],
    ['few rows', FEW, {}, { form: 'exact', reason: 'few rows' }],
    [
      'few rows that were found among many',
      { ...FEW, scanned: 4_001 },
      {},
      { form: 'exact', reason: 'costly' },
    ],
    [
      'few rows that were found among fewer',
      { ...FEW, scanned: 4_000 },
      {},
      { form: 'exact', reason: 'few rows' },
    ],
    ['an exact search', EXACT, {}, undefined],
  ])('learns of %s', (_, report, changes, expected) => {
    const { searches, note } = setUp();
    note(report, false, 'a', changes);
    if (expected === undefined) expect(searches.of('a')).toBeUndefined();
    else expect(searches.of('a')).toMatchObject(expected);
  });

  it('holds for 32 uses, and twice as many each time that it is learned again, up to 256', () => {
    const { note, uses } = setUp();
    const held: number[] = [];
    for (let times = 0; times < 6; times++) {
      note(BY_INDEX);
      held.push(uses());
    }
    expect(held).toEqual([32, 64, 128, 256, 256, 256]);
    note(SHORT);
    expect(uses()).toBe(32);
  });

  it('holds for 30 seconds, and twice as long each time, up to four minutes', async () => {
    const { clock, note, searches } = setUp();
    for (const seconds of [30, 60, 120, 240, 240]) {
      note(SHORT);
      await clock.advance(seconds * 1_000 - 1);
      expect(searches.of('a'), `${seconds}`).toBeDefined();
      await clock.advance(1);
      expect(searches.of('a'), `${seconds}`).toBeUndefined();
    }
  });

  it('is not prolonged by searches that are made by it', () => {
    const { note, searches } = setUp();
    note(BY_INDEX);
    let number = 0;
    while (number < 1_000 && searches.of('a') !== undefined) {
      note(BY_INDEX, true);
      number++;
    }
    expect(number).toBe(32);
  });

  it('changes when two searches in a row that are made by it show something else', () => {
    const { searches, note } = setUp();
    note(BY_INDEX);
    for (const report of [SHORT, BY_INDEX, SHORT]) note(report, true);
    expect(searches.of('a')).toMatchObject({ form: 'index', reason: 'many rows' });
    note(SHORT, true);
    expect(searches.of('a')).toMatchObject({ form: 'exact', reason: 'short', isTried: false });
  });

  it('changes at once when one of them was costly', () => {
    const { searches, note } = setUp();
    for (const known of [BY_INDEX, SHORT]) {
      note(known);
      note({ ...BY_INDEX, scanned: 2_001 }, true);
      expect(searches.of('a')).toMatchObject({ form: 'exact', reason: 'costly' });
    }
  });

  it('asks an index that was short now and then, and each time while it does for some', () => {
    const { searches, note, events } = setUp();
    note(SHORT);
    /** How the next searches are made, where the index is short or not. */
    const next = (count: number, report: SearchReport) =>
      Array.from({ length: count }, () => {
        const isTried = searches.of('a')?.isTried === true;
        note(isTried ? report : EXACT, true);
        return isTried ? 'i' : '-';
      }).join('');
    expect(next(12, SHORT)).toBe('i------i----');
    expect(next(7, BY_INDEX)).toBe('---iiii');
    expect(next(4, SHORT)).toBe('ii--');
    expect(events).toHaveLength(1);
  });

  it('tries no index for few rows, or where it was costly', () => {
    const { searches, note } = setUp();
    note(FEW);
    expect(searches.of('a')?.isTried).toBe(false);
    note({ ...BY_INDEX, scanned: 2_001 });
    expect(searches.of('a')?.isTried).toBe(false);
  });

  it('is open again when few rows have grown beyond what is few, and beyond twice what was looked at', () => {
    const { searches, note } = setUp();
    const isOpen = () => searches.of('a') === undefined;
    note(FEW);
    note({ ...EXACT, scanned: 1_000 }, true);
    expect(isOpen()).toBe(false);
    note({ ...EXACT, scanned: 1_001 }, true);
    expect(isOpen()).toBe(true);
    note({ ...FEW, scanned: 3_000 });
    note({ ...EXACT, scanned: 6_000 }, true);
    expect(isOpen()).toBe(false);
    note({ ...EXACT, scanned: 6_001 }, true);
    expect(isOpen()).toBe(true);
  });

  it('does not compare few rows for long without counting them where nothing else counts', () => {
    const { note, uses } = setUp();
    for (let times = 0; times < 4; times++) {
      note(FEW);
      if (times < 3) uses();
    }
    note({ ...EXACT, scanned: undefined }, true);
    expect(uses()).toBe(32);
  });

  it('follows the share of rows that pass, and does not take those that were counted for named', () => {
    const { searches, note } = setUp();
    const share = () => searches.of('a')?.selectivity;
    note({ ...BY_INDEX, scanned: 2_000 });
    expect(share()).toBe(0.02);
    for (let times = 0; times < 20; times++) note(BY_INDEX, true);
    expect(share()).toBeGreaterThan(0.18);
    note({ ...BY_INDEX, scanned: undefined }, true);
    expect(share()).toBeGreaterThan(0.18);
  });

  it('is not misled by a vector whose neighbours all pass', () => {
    const { searches, note } = setUp();
    note(BY_INDEX);
    note({ ...BY_INDEX, scanned: 20 }, true);
    expect(searches.of('a')?.selectivity).toBeLessThanOrEqual(0.25);
  });

  it('is open again when rows that pass have become four times as rare', () => {
    const { note, searches } = setUp();
    note(BY_INDEX, false, 'b');
    note({ ...BY_INDEX, scanned: 400 }, true, 'b');
    expect(searches.of('b')).toBeDefined();
    note(BY_INDEX);
    note({ ...BY_INDEX, scanned: 401 }, true);
    expect(searches.of('a')).toBeUndefined();
  });

  it('forgets that of others for what is searched for now, beyond 2,000', () => {
    const { note, searches } = setUp();
    for (let key = 0; key <= 2_000; key++) note(BY_INDEX, false, `${key}`);
    expect(searches.of('0')).toBeUndefined();
    expect(searches.of('1')).toBeDefined();
    expect(searches.of('2000')).toBeDefined();
  });

  it('forgets the oldest where the questions are long', () => {
    const { searches, note } = setUp();
    const long = (number: number) => `${number} ${'x'.repeat(100_000)}`;
    for (let number = 0; number <= 40; number++) note(BY_INDEX, false, long(number));
    expect(searches.of(long(0))).toBeUndefined();
    expect(searches.of(long(40))).toBeDefined();
  });

  it('tells each change once', () => {
    const { events, note, uses } = setUp();
    const told = { type: 'search', relation: 'public.docs', role: 'authenticated' };
    note(BY_INDEX);
    note(BY_INDEX, true);
    uses();
    note(BY_INDEX);
    expect(events.splice(0)).toEqual([{ ...told, plan: 'index', reason: 'many rows' }]);
    note(SHORT);
    note(SHORT);
    expect(events.splice(0)).toEqual([{ ...told, plan: 'exact', reason: 'short' }]);
    note(FEW);
    note(FEW);
    note(EXACT, true);
    expect(events).toEqual([{ ...told, plan: 'exact', reason: 'few rows' }]);
  });
});
