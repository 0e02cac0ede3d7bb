import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../contract/errors.ts';
import { ownCallOptions } from './call/limits.ts';
import { rowsAnswer } from './compile/assemble.ts';
import { checkOptions, NO_OPTIONS, optionNames, ownOptions } from './compile/check-options.ts';
import { readAnswer } from './compile/read-answer.ts';
import { op } from './filters/operator.ts';
import { parseOptions } from './options/parse-options.ts';
import { encodeJson } from './values/encode-json.ts';

/** Properties that were added to the prototype of all objects. */
const added: string[] = [];

function pollute(name: string, value: unknown): void {
  added.push(name);
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  for (const name of added.splice(0)) delete (Object.prototype as Record<string, unknown>)[name];
});

describe('beside a changed prototype of all objects', () => {
  it.each(['all', 'filters', 'columns', 'returning', 'count', 'limit', 'expect'])(
    'the option %s is only one that was given',
    (name) => {
      pollute(name, true);
      const options = ownOptions({ orderBy: 'id' }) as Record<string, unknown>;
      expect([options[name], options.orderBy]).toEqual([undefined, 'id']);
      expect((NO_OPTIONS as Record<string, unknown>)[name]).toBeUndefined();
      expect(() => checkOptions(options, optionNames('select', 'orderBy'))).not.toThrow();
    },
  );

  it('so are the options of a call', () => {
    pollute('mode', 'session');
    pollute('timeoutMs', 1);
    pollute('signal', AbortSignal.abort());
    expect({ ...ownCallOptions({}) }).toEqual({ mode: undefined, timeoutMs: undefined, signal: undefined });
    expect(ownCallOptions({ timeoutMs: 7 }).timeoutMs).toBe(7);
  });

  it('what is known of a failed statement is what was found out', () => {
    pollute('outcome', 'applied');
    expect(new UsageError('wrong').outcome).toBe('not-applied');
    expect(new UsageError('wrong', { outcome: 'unknown' }).outcome).toBe('unknown');
  });

  it('rows are without a total that nobody asked for', () => {
    const shape = rowsAnswer([]);
    const reply = { form: 'rows', fields: [], rows: [[]], count: 1 } as const;
    pollute('total', 'exact');
    pollute('oneRow', true);
    expect(readAnswer(shape, [reply], 10).count).toBe(1);
  });

  it('so are those of the service, and of what they hold', () => {
    pollute('maxRows', 1);
    pollute('max', 1);
    pollute('secret', 'polluted');
    const config = parseOptions({ embedded: true, pools: { direct: {} } });
    expect(config.maxRows).toBe(100_000);
    expect(config.pools.direct.max).toBe(10);
    expect(config.jwt).toBeUndefined();
  });

  it('json is what it was, with the toJSON of classes and of values themselves', () => {
    const value = () => ({
      list: [{ a: 1 }],
      at: new Date(0),
      own: { toJSON: () => 'mine' },
      toJSON: 'data',
    });
    const before = encodeJson(value(), 'a value');
    pollute('toJSON', () => 'polluted');
    expect(encodeJson(value(), 'a value')).toBe(before);
    expect(() => encodeJson(Symbol('a'), 'a value')).toThrow('a symbol');
  });

  it('a text search has the type that was given', () => {
    pollute('config', 'polluted');
    expect(() => op.textSearch('words', {})).not.toThrow();
  });
});

describe('an option that the service refuses', () => {
  it.each<[string, unknown]>([
    ['a circle', Object.defineProperty([], '0', { value: 'x', enumerable: true })],
    ['a bigint', 7n],
    ['an object', { secret: 'nobody-shall-read-this' }],
  ])('is an error of this package, whatever it holds: %s', (_name, value) => {
    expect(() => parseOptions({ embedded: true, maxRows: value as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.not.stringContaining('nobody') }),
    );
  });
});
