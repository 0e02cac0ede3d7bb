import { describe, expect, it } from 'vitest';
import { compileRaw } from './compile-raw.ts';
import { fragment } from './fragment.ts';

describe('raw SQL', () => {
  it.each([
    fragment`copy trips to stdout`,
    fragment`COPY trips FROM stdin`,
    fragment`/* a */ copy (select 1) to stdout`,
  ])('is not COPY, whose rows are no result', (sql) => {
    expect(() => compileRaw(sql)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'UNSUPPORTED' }),
    );
  });

  it('may name something so', () => {
    expect(compileRaw(fragment`select copy from trips as copy`).plan.document).not.toBe('');
  });
});
