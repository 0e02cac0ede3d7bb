import { describe, expect, it } from 'vitest';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { op } from '../filters/operator.ts';
import { path } from '../filters/path.ts';
import { encodeJson } from './encode-json.ts';
import { JsonText } from './json-text.ts';

class Money {
  readonly amount = 7;
}

class Price {
  toJSON(): unknown {
    return { amount: 7 };
  }
}

const where = 'column "meta" of "trips"';

/** What no request contains. */
const CODE = /class|undefined|json\(…\)|Promise|function|symbol|bigint|contains itself|failed/;

function fault(value: unknown): string {
  try {
    return `was written: ${encodeJson(value, where)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(CODE.test((error as Error).message) ? UsageError : ValidationError);
    return (error as Error).message.replace(`${where} must be a value that JSON can represent. `, '');
  }
}

describe('what JSON.stringify would lose is refused by its path', () => {
  it.each<[string, unknown, string]>([
    ['undefined in an array', { tags: ['a', 'b', undefined] }, 'At meta.tags[2] it has undefined.'],
    ['a hole in an array', { tags: Array(1) }, 'At meta.tags[0] it has undefined.'],
    ['NaN', { a: { b: Number.NaN } }, 'At meta.a.b it has NaN.'],
    ['an infinity', [Number.NEGATIVE_INFINITY], 'At meta[0] it has an infinity.'],
    ['a bigint', { 'a b': [1n] }, 'At meta["a b"][0] it has a bigint.'],
    ['a function', { run: () => 'secret' }, 'At meta.run it has a function.'],
    ['a symbol', { a: Symbol('secret') }, 'At meta.a it has a symbol.'],
    ['a Promise', { a: Promise.resolve('secret') }, 'At meta.a it has a Promise: await it first.'],
    [
      'a Map',
      { a: new Map([['secret', 1]]) },
      'At meta.a it has an object of the class Map, which has no toJSON.',
    ],
    ['a Set', [new Set(['secret'])], 'At meta[0] it has an object of the class Set, which has no toJSON.'],
    ['an object of a class', new Money(), 'It is an object of the class Money, which has no toJSON.'],
    [
      'bytes',
      { a: new Uint8Array(2) },
      'At meta.a it has an object of the class Uint8Array, which has no toJSON.',
    ],
    [
      'an operator',
      { a: op.gte(1) },
      'At meta.a it has an object of the class Operator, which has no toJSON.',
    ],
    [
      'a condition',
      [op.or({ a: 1 })],
      'At meta[0] it has an object of the class Condition, which has no toJSON.',
    ],
    [
      'a path',
      { a: path('b', 'c') },
      'At meta.a it has an object of the class JsonPath, which has no toJSON.',
    ],
    ['json(…)', { a: [new JsonText('1')] }, 'At meta.a[0] it has json(…): give its value there.'],
    ['an invalid Date', { at: new Date(Number.NaN) }, 'At meta.at it has an invalid Date.'],
    ['U+0000', { a: 'secret\0' }, 'At meta.a it has text with the character U+0000.'],
    ['a lone surrogate', { a: ['secret\ud800'] }, 'At meta.a[0] it has text with a lone surrogate.'],
    ['what toJSON returns', { a: { toJSON: () => [() => 1] } }, 'At meta.a[0] it has a function.'],
    ['no value from toJSON', { a: { toJSON: () => undefined } }, 'At meta.a it has undefined.'],
  ])('%s', (_what, value, message) => {
    expect(fault(value)).toBe(message);
    expect(fault(value)).not.toContain('secret');
  });

  it('an object that contains itself, or that has too many levels', () => {
    const circle: Record<string, unknown> = {};
    circle.list = [circle];
    expect(fault(circle)).toBe('At meta.list[0] it has an object that contains itself.');
    let deep: unknown = 1;
    for (let level = 0; level < 1_001; level++) deep = [deep];
    expect(fault(deep)).toMatch(/^At meta(?:\[0\])+.*… it has more than 1000 levels\.$/);
  });

  it('what fails while it is read, without what it throws', () => {
    const thrower = () => {
      throw new Error('secret');
    };
    expect(fault({ a: { toJSON: thrower } })).toBe('At meta.a it has an object whose toJSON failed.');
    expect(fault(Object.defineProperty({}, 'a', { enumerable: true, get: thrower }))).toBe(
      'At meta.a it has a getter that failed.',
    );
  });

  it('a long name is cut', () => {
    expect(fault({ ['x'.repeat(5_000)]: Number.NaN }).length).toBeLessThan(120);
  });
});

describe('all else is written as JSON.stringify writes it', () => {
  const shared = { a: 1 };
  it.each<[unknown]>([
    [{ a: [1, null, 'x', true], b: undefined, c: {} }],
    [{ at: new Date(0), price: new Price(), list: [new Price()] }],
    [new URL('https://example.org/a?b=c')],
    [{ bytes: Buffer.from('a') }],
    [[shared, shared]],
    [Object.assign(Object.create(null) as object, { a: 1 })],
    [JSON.parse('{"__proto__":{"a":1}}')],
    ['a "text" \\ with \n all'],
    [-0],
    [1e21],
    [null],
  ])('%o', (value) => {
    expect(encodeJson(value, where)).toBe(JSON.stringify(value));
  });

  it('with toJSON in the name of the prototype too', () => {
    const value = { ...JSON.parse('{"__proto__":{}}'), b: new Date(0) };
    Object.defineProperty(value, '__proto__', { value: new Date(0), enumerable: true });
    expect(encodeJson(value, where)).toBe(JSON.stringify(value));
  });

  it('and each property is read once, so that what was checked is what is written', () => {
    let reads = 0;
    const once = { enumerable: true, get: () => (reads++ < 3 ? `read ${reads}` : 'once too often\0') };
    const value = Object.defineProperty(
      { list: Object.defineProperty([0], '0', once), own: { a: 1 } },
      'b',
      once,
    );
    Object.defineProperty(value.own, 'c', once);
    expect(encodeJson(value, where)).toBe('{"list":["read 2"],"own":{"a":1,"c":"read 3"},"b":"read 1"}');
    expect(reads).toBe(3);
  });
});
