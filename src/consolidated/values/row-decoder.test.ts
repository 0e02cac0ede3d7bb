import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../contract/errors.ts';
import { castCodec, textCodec, valueCodec } from './codec.ts';
import { numberTooLarge } from './exact-number.ts';
import { rowDecoder } from './row-decoder.ts';

/** Names that mean something to JavaScript or end a piece of it. */
const NAMES = [
  '__proto__',
  'constructor',
  'a"b',
  "a'b",
  'a\\',
  'a\nb',
  'a\u2028b',
  '}); process.exit(1); ({',
  '0',
  '',
  '🙂',
];

const number = valueCodec((text) => +text);
const picky = castCodec((text) => {
  if (text.length > 3) throw numberTooLarge();
  return +text;
});

describe('a row decoder', () => {
  it('makes a row of typed columns and of a document row', () => {
    const decoder = rowDecoder([
      { name: 'id', codec: number },
      { name: 'title', codec: textCodec },
      { name: 'total', codec: picky },
    ]);
    expect(decoder.fromRow(['1', 'Lisbon', '2'])).toStrictEqual({ id: 1, title: 'Lisbon', total: 2 });
    expect(decoder.fromArray([1, 'Lisbon', '2'])).toStrictEqual({ id: 1, title: 'Lisbon', total: 2 });
    expect(decoder.fromRow([null, null, null])).toStrictEqual({ id: null, title: null, total: null });
    expect(decoder.fromArray([null, null, null])).toStrictEqual({ id: null, title: null, total: null });
  });

  it.each(NAMES)('keeps a column named %j as a property of its own', (name) => {
    const decoder = rowDecoder([{ name, codec: number }]);
    for (const row of [decoder.fromRow(['5']), decoder.fromArray([5])]) {
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      expect(Object.entries(row)).toEqual([[name, 5]]);
    }
  });

  it('sees the last of columns with one name', () => {
    const columns = ['a', 'b', 'a'].map((name) => ({ name, codec: number }));
    expect(rowDecoder(columns).fromRow(['1', '2', '3'])).toStrictEqual({ a: 3, b: 2 });
  });

  it('names the column whose number is too large', () => {
    const decoder = rowDecoder([
      { name: 'small', codec: picky },
      { name: 'total', codec: picky },
    ]);
    const error = expect.objectContaining({
      code: 'NUMBER_TOO_LARGE',
      field: 'total',
      message: expect.stringContaining('"total"'),
    });
    expect(() => decoder.fromRow(['1', '1234'])).toThrow(error);
    expect(() => decoder.fromArray(['1', '1234'])).toThrow(error);
  });

  it('refuses a row of another width', () => {
    const decoder = rowDecoder([{ name: 'a', codec: number }]);
    expect(() => decoder.fromRow([])).toThrow(ServiceError);
    expect(() => decoder.fromRow(['1', '2'])).toThrow(ServiceError);
    expect(() => decoder.fromArray([])).toThrow(ServiceError);
  });

  it('makes empty rows of no columns', () => {
    expect(rowDecoder([]).fromRow([])).toStrictEqual({});
    expect(rowDecoder([]).fromArray([])).toStrictEqual({});
  });

  it('takes rows of more than 100 columns in groups or flat, and arrays within stay arrays', () => {
    const list = valueCodec((text) => [text]);
    const columns = Array.from({ length: 201 }, (_, index) => ({ name: `c${index}`, codec: list }));
    const values = columns.map((_, index) => [index]);
    const decoder = rowDecoder(columns);
    const row = decoder.fromArray([values.slice(0, 100), values.slice(100, 200), values.slice(200)]);
    expect(row).toStrictEqual(Object.fromEntries(values.map(([index]) => [`c${index}`, [index]])));
    expect(decoder.fromArray(values)).toStrictEqual(row);
  });

  it('makes the same rows where the process forbids code from strings', () => {
    const script = `
      const { rowDecoder } = await import(${JSON.stringify(new URL('./row-decoder.ts', import.meta.url).href)});
      const { textCodec, valueCodec } = await import(${JSON.stringify(new URL('./codec.ts', import.meta.url).href)});
      const codec = valueCodec(Number);
      const rows = ${JSON.stringify(NAMES)}.map((name) => rowDecoder([{ name, codec }]).fromRow(['5']));
      const twice = [{ name: 'a', codec }, { name: 'b', codec: textCodec }, { name: 'a', codec }];
      rows.push(rowDecoder(twice).fromRow(['1', '2', '3']), rowDecoder(twice).fromRow([null, null, null]));
      const own = rows.every((row) => Object.getPrototypeOf(row) === Object.prototype);
      console.log(JSON.stringify({ own, rows: rows.map((row) => Object.entries(row)) }));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect(stderr).not.toContain('Error');
    const { own, rows } = JSON.parse(stdout) as { own: boolean; rows: unknown };
    expect(own).toBe(true);
    expect(rows).toEqual([
      ...NAMES.map((name) => [[name, 5]]),
      Object.entries({ a: 3, b: '2' }),
      Object.entries({ a: null, b: null }),
    ]);
  });
});
