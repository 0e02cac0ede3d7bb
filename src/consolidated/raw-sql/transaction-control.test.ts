import { describe, expect, it } from 'vitest';
import { scan } from './scan.ts';
import { transactionControl } from './transaction-control.ts';

const controlOf = (sql: string) => transactionControl(scan(sql).tokens);

describe('a statement that controls transactions', () => {
  it.each([
    'begin',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    'start transaction',
    'Start /* a */ Transaction read only',
    'commit',
    'commit and chain',
    "commit prepared 'x'",
    'end',
    'end work and no chain',
    'abort',
    'rollback',
    'rollback work',
    'rollback transaction and chain',
    "rollback prepared 'to'",
    "prepare transaction 'x'",
    '-- a\n/* b /* c */ */ commit',
    "commit 'never ends",
  ])('is refused: %s', (sql) => {
    expect(() => controlOf(sql)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'TRANSACTION_CONTROL' }),
    );
  });

  it.each([
    'rollback to a',
    'rollback to savepoint "to"',
    'ROLLBACK WORK TO a',
    'rollback transaction to savepoint a',
  ])('may roll back to a savepoint: %s', (sql) => {
    expect(controlOf(sql)).toEqual({ mayCommit: false, toSavepoint: true });
  });

  it.each(['do $$ begin end $$', 'DO language plpgsql $$ $$', '/* a */ call p()'])(
    'may be one that commits by itself: %s',
    (sql) => {
      expect(controlOf(sql)).toEqual({ mayCommit: true, toSavepoint: false });
    },
  );

  it.each([
    'savepoint a',
    'release savepoint a',
    'prepare p as select 1',
    'select 1 as commit',
    '"commit"',
    'set transaction read only',
    'create procedure p() begin atomic select 1; end',
    'insert into x values (1)',
    '',
  ])('is none: %s', (sql) => {
    expect(controlOf(sql)).toEqual({ mayCommit: false, toSavepoint: false });
  });
});
