import { describe, expect, it } from 'vitest';
import { op } from '../../index.ts';
import { questionOf } from './question.ts';

const ask = (options: Record<string, unknown>, args?: unknown, name = 'trips', method = 'select') =>
  questionOf({ method, schema: 'public', name, options, args });

describe('a question', () => {
  const plain = { columns: ['id', 'title'], filters: { id: 1, title: 'a' }, orderBy: 'id', limit: 5 };

  it('is the same text for the same words', () => {
    expect(ask(plain)).toBe(ask(structuredClone(plain)));
    expect(ask(plain)).toBeTypeOf('string');
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
    ['another order', ask({ ...plain, orderBy: 'title' })],
    ['an offset in place of a limit', ask({ ...plain, limit: undefined, offset: 5 })],
    ['arguments', ask(plain, {})],
  ])('is another one with %s', (_name, other) => {
    expect(other).not.toBe(ask(plain));
  });

  it('does not depend on how the call is made', () => {
    const made = { ...plain, mode: 'direct', timeoutMs: 5, label: 'x', signal: new AbortController().signal };
    const others = { ...plain, mode: 'session', timeoutMs: 6, label: 'y', signal: undefined };
    expect(ask(made)).toBe(ask(others));
    expect(ask({ ...plain, cache: true })).toBe(ask(plain));
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
