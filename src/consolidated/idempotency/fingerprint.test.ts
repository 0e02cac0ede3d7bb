import { describe, expect, it } from 'vitest';
import { EXPECTATION_MARK } from '../../contract/expectation.ts';
import type { Plan } from '../../contract/statement.ts';
import { fingerprintOf } from './fingerprint.ts';

const plan: Plan = { text: 'a', document: 'd', name: 'n', intent: 'write', origin: 'compiled' };
const of = (values: readonly (string | null)[], changed: Partial<Plan> = {}) =>
  fingerprintOf([{ plan: { ...plan, ...changed }, values }]);

describe('a fingerprint', () => {
  it('is of what was asked for and the values', () => {
    expect(of(['1'])).toBe(of(['1'], { name: 'other', document: 'other' }));
    expect(of(['1'])).not.toBe(of(['2']));
    expect(of(['1', '2'])).not.toBe(of(['12']));
    expect(of([null])).not.toBe(of(['null']));
    expect(of(['1'])).not.toBe(of(['1'], { text: 'b' }));
  });

  it('is that of the first try where the catalog has got more columns', () => {
    expect(of(['1'], { asked: 'x' })).toBe(of(['1'], { asked: 'x', text: 'b' }));
    expect(of(['1'], { asked: 'x' })).not.toBe(of(['1'], { asked: 'y' }));
  });

  it('is the same in every process', () => {
    expect(of(['1', EXPECTATION_MARK])).toBe(of(['1', '']));
    expect(of(['1'])).toBe('db1138a721843031ed90e0115fdfe3aed5442c2863ea26235eea4982a2afc938');
  });

  it('tells nothing of the values in clear', () => {
    expect(of(['secret'])).toMatch(/^[0-9a-f]{64}$/);
  });
});
