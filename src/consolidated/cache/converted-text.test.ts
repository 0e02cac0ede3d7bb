import { describe, expect, it } from 'vitest';
import type { TypeInfo } from '../values/type-info.ts';
import { convertedText } from './converted-text.ts';

function type(name: string, added: Partial<TypeInfo> = {}): TypeInfo {
  return { oid: 1, schema: 'pg_catalog', name, sql: name, kind: 'base', delimiter: ',', ...added };
}

describe('a text that is converted', () => {
  it.each([
    ['text', type('text')],
    ['an enum', type('mood', { kind: 'enum', schema: 'app' })],
    ['a type of an extension', type('vector', { schema: 'extensions' })],
    ['an array', type('_int4', { kind: 'array', inner: type('int4') })],
    ['a range of numbers', type('int4range', { kind: 'range' })],
  ])('is read alike at any time: %s', (_, read) => {
    expect(convertedText(read)).toBe('alike');
  });

  it.each([
    ['a date', type('date')],
    ['a domain of a time', type('moment', { kind: 'domain', schema: 'app', inner: type('timestamptz') })],
    ['an array of times', type('_timestamp', { kind: 'array', inner: type('timestamp') })],
    ['a range of times', type('tstzrange', { kind: 'range' })],
    [
      'a composite with a time',
      type('pair', {
        kind: 'composite',
        schema: 'app',
        attributes: [
          { name: 'a', type: type('int4') },
          { name: 'b', type: type('time') },
        ],
      }),
    ],
  ])('may depend on the time: %s', (_, read) => {
    expect(convertedText(read)).toBe('time');
  });

  it.each([
    ['the name of an object', type('regclass')],
    ['a range of an application', type('span', { kind: 'range', schema: 'app' })],
    ['a composite that is not known', type('row', { kind: 'composite', schema: 'app' })],
    ['an array of what is not known', type('_x', { kind: 'array' })],
    ['a pseudo type', type('record', { kind: 'pseudo' })],
    ['no type', undefined],
  ])('is not known: %s', (_, read) => {
    expect(convertedText(read)).toBe('unknown');
  });
});
