import { describe, expect, it } from 'vitest';
import { CONTENDER_NAMES } from '../contender.ts';
import { suiteContenders, takingPart } from './all.ts';

const ALL = { names: CONTENDER_NAMES, areNamed: true, isQuick: false, dataApi: undefined };

describe('who takes part in the suite', () => {
  it('is everybody who is here, and of the others what brings them', () => {
    const { contenders, leftOut } = takingPart({ ...ALL, areNamed: false });
    expect(contenders.every((each) => each.missing?.() === undefined)).toBe(true);
    expect(leftOut).toContainEqual({ name: 'supabase-js', why: 'it needs --supabase-url' });
    expect([...contenders, ...leftOut]).toHaveLength(CONTENDER_NAMES.length);
  });

  it('is nobody less than those who were asked for by their names', () => {
    expect(() => takingPart({ ...ALL, names: ['pg', 'supabase-js'] })).toThrow(
      '--contender supabase-js cannot take part: it needs --supabase-url.',
    );
  });

  it('is in a quick look nobody who takes long, but by name', () => {
    const quick = takingPart({ ...ALL, areNamed: false, isQuick: true });
    expect(quick.contenders.map(({ name }) => name)).not.toContain('raw-socket');
    expect(quick.leftOut).toContainEqual({
      name: 'raw-socket',
      why: '--quick takes it only by --contender',
    });
    const named = takingPart({ ...ALL, names: ['raw-socket'], isQuick: true });
    expect(named.contenders.map(({ name }) => name)).toEqual(['raw-socket']);
  });

  it('is each of them under one name', () => {
    expect(suiteContenders(CONTENDER_NAMES).map(({ name }) => name)).toEqual(CONTENDER_NAMES);
  });
});
