import { describe, expect, it } from 'vitest';
import type { ModeName } from '../contract/mode.ts';
import { type Choice, chooseMode, DEFAULT_MODE_TABLE, furtherModes, reserveOf } from './choice.ts';

const plain: Choice = { asked: undefined, valueBytes: 100, needsTypedRows: false, isRaw: false };
const all = new Set<ModeName>(['direct', 'session', 'transaction']);
const choose = (
  kind: Parameters<typeof chooseMode>[1],
  configured: Iterable<ModeName>,
  choice: Partial<Choice> = {},
) => chooseMode(DEFAULT_MODE_TABLE, kind, new Set(configured), { ...plain, ...choice });

describe('the choice of a mode', () => {
  it.each([
    ['select', 'transaction'],
    ['rpc.read', 'transaction'],
    ['vectorSearch', 'transaction'],
    ['hybridSearch', 'transaction'],
    ['insert', 'session'],
    ['rpc.write', 'session'],
    ['batch', 'session'],
    ['transaction', 'direct'],
    ['stream', 'direct'],
    ['sql', 'direct'],
  ] as const)('takes %s to %s where all are configured', (kind, mode) => {
    expect(choose(kind, all)).toBe(mode);
  });

  it.each([
    ['select', ['direct'], 'direct'],
    ['select', ['session'], 'session'],
    ['insert', ['transaction'], 'transaction'],
    ['transaction', ['session', 'transaction'], 'session'],
    ['select', ['embedded'], 'embedded'],
  ] as const)('replaces what is not configured: %s with %j is %s', (kind, configured, mode) => {
    expect(choose(kind, configured)).toBe(mode);
  });

  it('sends what is large past the pooler in transaction mode, unless there is no other way', () => {
    expect(choose('select', all, { valueBytes: 2 ** 21 })).toBe('session');
    expect(choose('select', ['transaction'], { valueBytes: 2 ** 21 })).toBe('transaction');
  });

  it('sends what needs typed rows where there are any, or says what is missing', () => {
    expect(choose('select', all, { needsTypedRows: true })).toBe('session');
    expect(() => choose('select', ['transaction'], { needsTypedRows: true })).toThrow(/session or direct/);
    expect(() => choose('transaction', ['transaction'])).toThrow(
      /direct or session. Configured modes: transaction/,
    );
  });

  it('takes the mode that the call asks for, if it is configured', () => {
    expect(choose('select', all, { asked: 'direct' })).toBe('direct');
    expect(() => choose('select', ['direct'], { asked: 'session' })).toThrow(/'session' is not configured/);
  });
});

describe('a mode that is full', () => {
  const further = (kind: Parameters<typeof chooseMode>[1], chosen: ModeName, choice: Partial<Choice> = {}) =>
    furtherModes(DEFAULT_MODE_TABLE, kind, chosen, { ...plain, ...choice });

  it.each([
    ['insert', 'session', ['transaction', 'direct']],
    ['select', 'transaction', ['session', 'direct']],
    ['notify', 'direct', ['session', 'transaction']],
  ] as const)('is relieved of %s by the other modes of its row, in order', (kind, chosen, modes) => {
    expect(further(kind, chosen)).toEqual(modes);
  });

  it('is not relieved of what asks for it', () => {
    expect(further('insert', 'session', { asked: 'session' })).toEqual([]);
  });

  it('is relieved of large values and of what needs typed rows by sessions only', () => {
    expect(further('insert', 'session', { valueBytes: 2 ** 20 + 1 })).toEqual(['direct']);
    expect(further('insert', 'session', { valueBytes: 2 ** 20 })).toEqual(['transaction', 'direct']);
    expect(further('sql', 'direct', { needsTypedRows: true })).toEqual(['session']);
  });

  it('is relieved of raw SQL by sessions only: what it does must not depend on the load', () => {
    expect(further('sql', 'direct', { isRaw: true })).toEqual(['session']);
  });

  it('leaves half of the mode of interactive work to that', () => {
    const reserve = (mode: ModeName, configured: readonly ModeName[], max = 10) =>
      reserveOf(DEFAULT_MODE_TABLE, new Set(configured), mode, max);
    expect(reserve('direct', ['direct', 'session', 'transaction'])).toBe(5);
    expect(reserve('session', ['direct', 'session', 'transaction'])).toBe(0);
    expect(reserve('session', ['session', 'transaction'], 3)).toBe(2);
    expect(reserve('direct', ['direct', 'session'], 1)).toBe(1);
    expect(reserve('transaction', ['session', 'transaction'])).toBe(0);
  });
});
