import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../contract/errors.ts';
import { parseHstore } from './hstore.ts';
import { parseArray } from './parse-array.ts';
import { parseRecord } from './parse-record.ts';

const same = (text: string) => text;

describe('text that Postgres would not print', () => {
  it.each(['', '{', '1,2', '{1,2', '{"a}', '{"a"b}', '{{1}', '{{1}}}', '{"a",', '[0:1]', '{"a"}x'])(
    'array %s',
    (text) => {
      expect(() => parseArray(text, ',', same)).toThrow(ServiceError);
    },
  );

  it.each(['', '(', '1,2', '(1,2', '("a)', '(1))', '(1)x)'])('record %s', (text) => {
    expect(() => parseRecord(text)).toThrow(ServiceError);
  });

  it.each(['a', '"a"', '"a"=>', '"a"=>"1" "b"=>"2"', '"a"=>null'])('hstore %s', (text) => {
    expect(() => parseHstore(text)).toThrow(ServiceError);
  });
});

it('reads nested arrays whose delimiter is a semicolon', () => {
  expect(parseArray('{{(1,1);"a;b"};{NULL;"NULL"}}', ';', same)).toEqual([
    ['(1,1)', 'a;b'],
    [null, 'NULL'],
  ]);
});

it('drops the lower bounds of an array', () => {
  expect(parseArray('[0:1]={1,2}', ',', same)).toEqual(['1', '2']);
  expect(parseArray('[-1:0][3:3]={{"a"},{b}}', ',', same)).toEqual([['a'], ['b']]);
});

it('tells empty text from null in a record', () => {
  expect(parseRecord('(,"",a)')).toEqual([null, '', 'a']);
  expect(parseRecord('()')).toEqual([null]);
});

it('reads the pairs of an hstore, with quotes and backslashes in names and texts', () => {
  expect(parseHstore('"a\\"b"=>"c\\\\d", "__proto__"=>NULL, ""=>""')).toEqual(
    JSON.parse('{"a\\"b":"c\\\\d","__proto__":null,"":""}'),
  );
  expect(parseHstore('')).toEqual({});
});
