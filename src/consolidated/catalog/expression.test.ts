import { describe, expect, it } from 'vitest';
import { linkExpression } from './expression.ts';

describe('an expression', () => {
  it('tells its marks by kind, relations in their order', () => {
    expect(linkExpression(['r7', 'r3', 'f5', 'i1082', 'nSQLVALUEFUNCTION :op 3'])).toEqual({
      relations: [7, 3],
      calls: [{ fn: 5, constant: undefined }],
      conversions: [1082],
      nodes: ['SQLVALUEFUNCTION :op 3'],
    });
  });

  it('reads the text of a constant behind its length, from signed bytes', () => {
    expect(linkExpression(['f5 28 0 0 0 115 -61 -68']).calls).toEqual([{ fn: 5, constant: 'sü' }]);
    expect(linkExpression(['f5 16 0 0 0']).calls).toEqual([{ fn: 5, constant: '' }]);
  });

  it('takes nothing for known that it cannot read', () => {
    for (const mark of ['r:colnames', 'f', 'f5 x', 'z9', 'i12 1 x']) {
      expect(linkExpression([mark])).toEqual({ relations: [], calls: [], conversions: [], nodes: [mark] });
    }
  });
});
