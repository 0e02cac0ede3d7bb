import { describe, expect, it } from 'vitest';
import { documentRow, parseDocument } from './document.ts';

describe('parseDocument', () => {
  it('reads nonce and rows, and a count where it stands between them', () => {
    expect(parseDocument('["n1", [[1, "a"], [2, null]], "n1"]')).toEqual({ nonce: 'n1', count: 2, rows: [[1, 'a'], [2, null]] }); // biome-ignore format: one document
    expect(parseDocument('["n1", [], "n1"]')).toEqual({ nonce: 'n1', count: 0, rows: [] });
    expect(parseDocument('["n1", 2, [[1, "a"], [2, null]], "n1"]')).toEqual({ nonce: 'n1', count: 2, rows: [[1, 'a'], [2, null]] }); // biome-ignore format: one document
    expect(parseDocument('["n1", 0, null, "n1"]')).toEqual({ nonce: 'n1', count: 0, rows: null });
  });

  it.each([
    '',
    '{}',
    '[]',
    '["n"]',
    '["n", "n"]',
    '["n", []]',
    '["n", 1, "n"]',
    '["n", null, "n"]',
    '[1, [], 1]',
    '["n", [], "another"]',
    '["n", 1, [], "another"]',
    '["n", "x", [], "n"]',
    '["n", 1, {}, "n"]',
    '[1, 1, [], 1]',
    '["n", 1, [], 4, "n"]',
    '["secret',
  ])('trusts nothing else: %s', (text) => {
    const error = expect.objectContaining({ code: 'PROTOCOL', outcome: 'unknown' });
    expect(() => parseDocument(text)).toThrow(error);
    expect(() => parseDocument(text)).not.toThrow(/secret/);
  });
});

describe('documentRow', () => {
  it('is one call up to 100 expressions, and groups of 100 beyond', () => {
    expect(documentRow([])).toBe('json_build_array()');
    expect(documentRow(['a', 'b'])).toBe('json_build_array(a, b)');
    const wide = documentRow(Array.from({ length: 101 }, (_, index) => `c${index}`));
    expect(wide).toMatch(/^json_build_array\(json_build_array\(c0, .*, c99\), json_build_array\(c100\)\)$/);
  });
});
