import { expect, it } from 'vitest';
import { mayDefine } from './may-define.ts';
import { scan } from './scan.ts';

it.each([
  ['alter table a add b int', true],
  ['/* a */ CREATE TABLE a ()', true],
  ['drop view a', true],
  ['do $$ begin end $$', true],
  ['import foreign schema a from server b into c', true],
  ['rollback to savepoint a', true],
  ['select 1 as create', false],
  ['insert into alter values (1)', false],
  ['savepoint a', false],
  ['call a()', false],
  ['"drop" 1', false],
  ['', false],
])('%s may change relations or types: %s', (sql, expected) => {
  expect(mayDefine(scan(sql).tokens)).toBe(expected);
});
