import { describe, expect, it } from 'vitest';
import { BoundedLabels, type CallLabels } from './bounded-labels.ts';

const LABELS = { mode: 'direct', operation: 'select', role: 'anon', outcome: 'answered' };

function kept(max: number) {
  const made: CallLabels[] = [];
  const bounded = new BoundedLabels(max, (labels) => {
    made.push(labels);
    return labels.table;
  });
  return { made, of: (table: string, role = 'anon') => bounded.of({ ...LABELS, table, role }) };
}

describe('bounded labels', () => {
  it('make one value for each set', () => {
    const { made, of } = kept(10);
    expect([of('public.a'), of('public.b'), of('public.a')]).toEqual(['public.a', 'public.b', 'public.a']);
    expect(made).toHaveLength(2);
  });

  it.each(['mode', 'operation', 'table', 'role', 'outcome'] as const)(
    'tell two sets of another %s apart',
    (name) => {
      const bounded = new BoundedLabels(10, (labels) => labels);
      const one = { ...LABELS, table: 'public.a' };
      const other = { ...one, [name]: 'another' };
      expect([bounded.of(one), bounded.of(other), bounded.of(one)]).toEqual([one, other, one]);
    },
  );

  it('give further tables the one of "other", and keep those that were first', () => {
    const { made, of } = kept(2);
    for (let i = 0; i < 1_000; i++) of(`public.t${i}`);
    expect(made.map(({ table }) => table)).toEqual(['public.t0', 'public.t1', 'other']);
    expect([of('public.t0'), of('public.t999')]).toEqual(['public.t0', 'other']);
  });

  it('keep what else the labels say of a table that is one of the others', () => {
    const { made, of } = kept(0);
    of('public.a');
    of('public.b', 'authenticated');
    expect(made.map(({ table, role }) => [table, role])).toEqual([
      ['other', 'anon'],
      ['other', 'authenticated'],
    ]);
  });
});
