import { describe, expect, it } from 'vitest';
import { op } from '../filters/operator.ts';
import { Questions } from './question.ts';

const questions = new Questions(1 << 20);
const ask = (
  options: Record<string, unknown>,
  value?: unknown,
  name = 'trips',
  method = 'select',
  reader = 1,
) => questions.keyOf({ method, schema: 'public', name, options, value }, reader);

describe('a question', () => {
  const plain = { columns: ['id', 'title'], filters: { id: 1, title: 'a' }, orderBy: 'id', limit: 5 };

  it('has the same key for the same words, also after it was forgotten', () => {
    const fresh = new Questions(0);
    const asking = { method: 'select', schema: 'public', name: 'trips', options: plain };
    expect(ask(plain)).toBeTypeOf('string');
    expect(ask(structuredClone(plain))).toBe(ask(plain));
    expect([fresh.keyOf(asking, 1), fresh.keyOf(asking, 1)]).toEqual([ask(plain), ask(plain)]);
  });

  it.each<[string, string | undefined]>([
    ['another table', ask(plain, undefined, 'trip')],
    ['another method', ask(plain, undefined, 'trips', 'selectOne')],
    ['fewer columns', ask({ ...plain, columns: ['id'] })],
    ['one column with the name of two', ask({ ...plain, columns: ['id,2:title'] })],
    ['other columns', ask({ ...plain, columns: ['id', 'titles'] })],
    ['another value', ask({ ...plain, filters: { id: 2, title: 'a' } })],
    ['a number as text', ask({ ...plain, filters: { id: '1', title: 'a' } })],
    ['null', ask({ ...plain, filters: { id: null, title: 'a' } })],
    ['a boolean', ask({ ...plain, filters: { id: true, title: 'a' } })],
    ['a value that looks like two', ask({ ...plain, filters: { id: 1, title: 'a,1:b=n1' } })],
    ['fewer filters', ask({ ...plain, filters: { id: 1 } })],
    ['no filters', ask({ columns: plain.columns, orderBy: 'id', limit: 5 })],
    ['empty filters', ask({ ...plain, filters: {} })],
    ['a key', ask({ ...plain, key: ['id'] })],
    ['another order', ask({ ...plain, orderBy: 'title' })],
    ['an offset in place of a limit', ask({ ...plain, limit: undefined, offset: 5 })],
    ['arguments', ask(plain, {})],
    ['another reader', ask(plain, undefined, 'trips', 'select', 2)],
    ['a column that is called like a filter', ask({ ...plain, columns: ['id', 'title', 'filters', 'id'] })],
  ])('is another one with %s', (_name, other) => {
    expect(other).not.toBe(ask(plain));
  });

  it('knows a key', () => {
    expect(ask({ ...plain, key: ['id'] })).toBe(ask({ ...plain, key: ['id'] }));
    expect(ask({ ...plain, key: ['id'] })).not.toBe(ask({ ...plain, key: ['id', 'title'] }));
    expect(ask({ ...plain, key: ['id'] })).toBeTypeOf('string');
  });

  it('does not depend on how the call is made', () => {
    const made = { ...plain, mode: 'direct', timeoutMs: 5, label: 'x', signal: new AbortController().signal };
    const others = { ...plain, mode: 'session', timeoutMs: 6, label: 'y', signal: undefined };
    expect(ask(made)).toBe(ask(others));
    expect(ask({ ...plain, cache: true })).toBe(ask(plain));
  });

  it('is taken as it is, whatever was changed since', () => {
    const options = { columns: ['id', 'title'], filters: { id: 1 as unknown } };
    const before = ask(options);
    options.columns.push('user_id');
    const wider = ask(options);
    options.filters.id = 2;
    expect(new Set([before, wider, ask(options)]).size).toBe(3);
    options.columns.pop();
    options.filters.id = 1;
    expect(ask(options)).toBe(before);
  });

  it('does not take a column for an option', () => {
    expect(ask({ columns: ['id', 'orderBy', 'title'] })).not.toBe(ask({ columns: ['id'], orderBy: 'title' }));
  });

  it('has no names by inheritance', () => {
    const options = { limit: 5 };
    const filtered = { filters: { id: 1 } };
    const before = ask(options);
    let polluted: readonly (string | undefined)[];
    Object.assign(Object.prototype, { offset: 1 });
    try {
      polluted = [ask(options), ask(filtered)];
    } finally {
      Reflect.deleteProperty(Object.prototype, 'offset');
    }
    expect(polluted).toEqual([before, undefined]);
  });

  it.each<[string, Record<string, unknown>, unknown?]>([
    ['operators', { filters: { id: op.gt(1) } }],
    ['a list of filters', { filters: [{ id: 1 }] }],
    ['a value that is an object', { filters: { id: new Date(0) } }],
    ['undefined', { filters: { id: undefined } }],
    ['a bigint', { filters: { id: 1n } }],
    ['paths', { columns: [{}] }],
    ['an order of terms', { orderBy: [{ column: 'id' }] }],
    ['a row to go on after', { after: { id: 1 } }],
    ['a vector', { vector: [1, 2] }],
    ['options that do not exist', { filter: { id: 1 } }],
    ['declared writes', { writes: [] }],
    ['arguments that are objects', {}, { of: [] }],
    ['arguments of a class', {}, new (class {})()],
  ])('is not told of %s', (_name, options, args) => {
    expect(ask(options, args)).toBeUndefined();
  });
});
