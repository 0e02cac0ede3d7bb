import { describe, expect, it } from 'vitest';
import type { ModeName } from '../contract/mode.ts';
import { type Choice, chooseMode, DEFAULT_MODE_TABLE } from './choice.ts';

const plain: Choice = { asked: undefined, valueBytes: 100, needsTypedRows: false };
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
