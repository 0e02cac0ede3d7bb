import { describe, expect, it, vi } from 'vitest';
import { decodeRawDocument } from './raw-document.ts';
import type { TypeInfo } from './type-info.ts';

function type(name: string, rest: Partial<TypeInfo> = {}): TypeInfo {
  return { oid: 0, schema: 'pg_catalog', name, sql: name, kind: 'base', delimiter: ',', ...rest };
}

const int8 = type('int8');
const arrayOf = (inner: TypeInfo) => type(`_${inner.name}`, { kind: 'array', inner });
const document = (row: string) => `["n", 1, [${row}], "n"]`;
const tooLarge = expect.objectContaining({ code: 'NUMBER_TOO_LARGE', field: 'a' });

/** Reads one row whose column `a` is of the type. */
async function read(json: string, a: TypeInfo, largeNumbers: 'throw' | 'string' = 'throw'): Promise<unknown> {
  const describeColumns = async () => [{ name: 'a', type: a }];
  const { rows } = await decodeRawDocument(document(`{"a": ${json}}`), { largeNumbers }, describeColumns);
  return rows?.[0]?.a;
}

describe("the document of a caller's own SQL", () => {
  it('asks for no types where no number is long', async () => {
    const describeColumns = vi.fn();
    const text = document('{"a": 123456789012345, "b": "12345678901234567890", "c": 1.5}');
    await expect(decodeRawDocument(text, { largeNumbers: 'throw' }, describeColumns)).resolves.toEqual({
      nonce: 'n',
      count: 1,
      rows: [{ a: 123456789012345, b: '12345678901234567890', c: 1.5 }],
    });
    expect(describeColumns).not.toHaveBeenCalled();
  });

  it('asks for no types where there are no rows', async () => {
    const describeColumns = vi.fn();
    for (const largeNumbers of ['throw', 'string'] as const) {
      const none = await decodeRawDocument('["n", 3, null, "n"]', { largeNumbers }, describeColumns);
      expect(none).toEqual({ nonce: 'n', count: 3, rows: null });
    }
    expect(describeColumns).not.toHaveBeenCalled();
  });

  it('refuses a bigint or numeric that a number does not hold, wherever it stands', async () => {
    const big = '9007199254740993';
    const domain = type('amount', { schema: 'public', kind: 'domain', inner: type('numeric') });
    const pair = type('pair', {
      schema: 'public',
      kind: 'composite',
      attributes: [{ name: 'n', type: arrayOf(int8) }],
    });
    await expect(read(big, int8)).rejects.toThrow(tooLarge);
    await expect(read('0.12345678901234567', type('numeric'))).rejects.toThrow(tooLarge);
    await expect(read(big, domain)).rejects.toThrow(tooLarge);
    await expect(read(`[null, [${big}]]`, arrayOf(int8))).rejects.toThrow(tooLarge);
    await expect(read(`[{"n": [${big}]}]`, arrayOf(pair))).rejects.toThrow(tooLarge);
  });

  it('reads long numbers whose digits survive', async () => {
    await expect(read('9007199254740992', int8)).resolves.toBe(9007199254740992);
    await expect(read('1.5000000000000000000', type('numeric'))).resolves.toBe(1.5);
    await expect(read('"NaN"', type('numeric'))).resolves.toBe('NaN');
  });

  it('reads double precision and json as JSON.parse does', async () => {
    await expect(read('0.30000000000000004', type('float8'))).resolves.toBe(0.30000000000000004);
    await expect(read('{"x": [12345678901234567890, {"n": 1}]}', type('jsonb'))).resolves.toEqual({
      x: [12345678901234567000, { n: 1 }],
    });
    await expect(read('[12345678901234567890]', arrayOf(type('jsonb')))).resolves.toEqual([
      12345678901234567000,
    ]);
  });

  it('gives every bigint and numeric as a string when asked to, and no other number', async () => {
    await expect(read('1', int8, 'string')).resolves.toBe('1');
    await expect(read('1.50', type('numeric'), 'string')).resolves.toBe('1.50');
    await expect(read('[1, null]', arrayOf(int8), 'string')).resolves.toEqual(['1', null]);
    await expect(read('1', type('int4'), 'string')).resolves.toBe(1);
    await expect(read('{"x": 1}', type('jsonb'), 'string')).resolves.toEqual({ x: 1 });
  });

  it('refuses what it would have to round where nobody knows the type', async () => {
    const pair = type('pair', {
      schema: 'public',
      kind: 'composite',
      attributes: [{ name: 'n', type: int8 }],
    });
    await expect(read('{"renamed": 9007199254740993}', pair)).rejects.toThrow(tooLarge);
    await expect(read('{"f1": 9007199254740993}', type('record', { kind: 'pseudo' }))).rejects.toThrow(
      tooLarge,
    );
  });

  it('asks for no types where every number survives', async () => {
    const describeColumns = vi.fn();
    const text = document('{"a": 0.30000000000000004, "b": 9007199254740992, "c": 1.500000000000000000}');
    await decodeRawDocument(text, { largeNumbers: 'throw' }, describeColumns);
    expect(describeColumns).not.toHaveBeenCalled();
  });

  it('keeps a column named __proto__ as a property of its own', async () => {
    const text = document('{"__proto__": {"x": 9007199254740993}, "a": 1}');
    const { rows } = await decodeRawDocument(text, { largeNumbers: 'throw' }, async () => [
      { name: '__proto__', type: type('jsonb') },
    ]);
    expect(Object.keys(rows?.[0] ?? {})).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(rows?.[0])).toBe(Object.prototype);
  });
});
