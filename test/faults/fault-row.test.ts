import { describe, expect, it } from 'vitest';
import { FaultNotes } from './fault.ts';
import { type RowParts, rowOf } from './fault-row.ts';
import type { EndedOperation } from './load.ts';

const INSERT: EndedOperation = {
  op: 1,
  kind: 'insert',
  way: 'direct',
  claim: { whole: ['1 INSERT'] },
  told: 'fulfilled',
  words: '',
  beganAt: 0,
  endedAt: 5,
  lateMs: -1_000,
};
const READ: EndedOperation = { ...INSERT, op: 2, kind: 'read', claim: { whole: [] } };
const LOST: EndedOperation = { ...INSERT, told: 'unknown', words: 'CONNECTION_LOST' };
const REFUSED: EndedOperation = { ...INSERT, told: 'not-applied', words: 'CONNECT_FAILED' };

function row(ended: readonly EndedOperation[], noted: readonly string[], change: Partial<RowParts> = {}) {
  const notes = new FaultNotes();
  notes.struck = 1;
  const journal = new Map([[1, noted]]);
  const fixed = { wantedOperations: 1, uncaught: [], seconds: 1, tolerance: { late: 0, recovery: 0 } };
  return rowOf({ name: 'a fault', notes, ended, journal, ...fixed, ...change });
}

describe('a row', () => {
  it('holds when what was told is what the journal has', () => {
    expect(row([INSERT, READ], ['1 INSERT'])).toMatchObject({ operations: 2, wrong: [], broken: [] });
    expect(row([LOST], ['1 INSERT'])).toMatchObject({ errors: { 'CONNECTION_LOST unknown': 1 }, broken: [] });
    expect(row([LOST], [])).toMatchObject({ broken: [] });
    expect(row([REFUSED], [])).toMatchObject({ errors: { CONNECT_FAILED: 1 }, broken: [] });
  });

  it.each<[string, EndedOperation, string[]]>([
    ['lost', INSERT, []],
    ['applied twice', INSERT, ['1 INSERT', '1 INSERT']],
    ['applied twice', LOST, ['1 INSERT', '1 INSERT']],
    ['another outcome', REFUSED, ['1 INSERT']],
    ["another user's row", { ...READ, op: 1, told: 'nonsense', words: 'ForeignRow: …' }, []],
    ["another user's row", { ...READ, op: 1, told: 'nonsense', words: 'WrongAnswer: [{"op":2}]' }, []],
    ['another answer', { ...READ, op: 1, told: 'nonsense', words: 'WrongAnswer: [{"op":1}]' }, []],
    ['another outcome', { ...READ, op: 1, told: 'nonsense', words: 'TypeError: …' }, []],
    ['applied twice', { ...INSERT, told: 'unsettled' }, ['1 INSERT', '1 INSERT']],
  ])('does not hold when a caller was told wrong: %s', (what, end, noted) => {
    const { wrong, broken } = row([end], noted);
    expect(wrong).toMatchObject([{ op: 1, what }]);
    expect(broken[0]).toBe('1 were told something wrong');
  });

  it('does not hold when a call settled too late, or never', () => {
    expect(row([{ ...READ, lateMs: 251 }], []).broken).toEqual(['1 had not settled in time']);
    expect(row([{ ...READ, lateMs: 251 }], [], { tolerance: { late: 100, recovery: 0 } }).broken).toEqual([]);
    expect(row([{ ...LOST, told: 'unsettled' }], []).broken).toEqual(['1 had not settled in time']);
  });

  it.each<[string, Partial<FaultNotes>]>([
    ['the fault met no operation', { struck: 0 }],
    ['answers again after 2001 ms, allowed 2000', { recoveryMs: 2_001 }],
    ['errors that it may not cause: CONNECT_FAILED', { allowedErrors: /^TIMEOUT/ }],
    ['something else', { broken: ['something else'] }],
  ])('does not hold: %s', (why, change) => {
    const notes = Object.assign(new FaultNotes(), { struck: 1 }, change);
    expect(row([REFUSED], [], { notes }).broken).toEqual([why]);
  });

  it('does not hold with too few operations, or with an error that reached nobody', () => {
    expect(row([READ], [], { wantedOperations: 2 }).broken).toEqual(['1 operations of 2']);
    expect(row([READ], [], { uncaught: ['Error: x'] }).broken).toEqual([
      'an error that reached nobody: Error: x',
    ]);
  });
});
