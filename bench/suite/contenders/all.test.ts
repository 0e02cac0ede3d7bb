import { describe, expect, it } from 'vitest';
import { CONTENDER_NAMES } from '../contender.ts';
import { suiteContenders, takingPart } from './all.ts';

describe('who takes part in the suite', () => {
  it('is everybody who is here, and of the others what brings them', () => {
    const { contenders, leftOut } = takingPart(CONTENDER_NAMES, { areNamed: false, dataApi: undefined });
    expect(contenders.every((each) => each.missing?.() === undefined)).toBe(true);
    expect(leftOut).toContainEqual({ name: 'supabase-js', why: 'it needs --supabase-url' });
    expect([...contenders, ...leftOut]).toHaveLength(CONTENDER_NAMES.length);
  });

  it('is nobody less than those who were asked for by their names', () => {
    expect(() => takingPart(['pg', 'supabase-js'], { areNamed: true, dataApi: undefined })).toThrow(
      '--contender supabase-js cannot take part: it needs --supabase-url.',
    );
  });

  it('is each of them under one name', () => {
    expect(suiteContenders(CONTENDER_NAMES).map(({ name }) => name)).toEqual(CONTENDER_NAMES);
  });
});
