import { describe, expect, it } from 'vitest';
import { type Outcome, ServiceError, ValidationError } from '../../contract/errors.ts';
import { isMissing, isOutdated, isRefusedByCatalog } from './outdated.ts';

function refused(sqlState: string, outcome: Outcome = 'not-applied'): ValidationError {
  return new ValidationError('The server refused it.', { code: 'INVALID_STATEMENT', sqlState, outcome });
}

describe('a statement is outdated', () => {
  it.each(['42703', '42P01', '42883', '42704', '42P10', '42804', '42846', '42809'])(
    'when the server says %s of it',
    (sqlState) => {
      expect(isOutdated(refused(sqlState))).toBe(true);
    },
  );

  it.each(['unknown', 'applied'] as const)('only where nothing was applied, not when it is %s', (outcome) => {
    expect(isOutdated(refused('42P01', outcome))).toBe(false);
  });

  it('not for any other error', () => {
    expect(isOutdated(refused('42601'))).toBe(false);
    expect(isOutdated(new ServiceError('no', { code: 'SERVICE', sqlState: '42P01' }))).toBe(false);
    expect(isOutdated(new Error('42P01'))).toBe(false);
  });
});

it('a value does not fit what the catalog knows of a type, and may fit what it is now', () => {
  expect(isRefusedByCatalog(new ValidationError('no', { code: 'UNKNOWN_LABEL' }))).toBe(true);
  expect(isRefusedByCatalog(new ValidationError('no', { code: 'WRONG_DIMENSIONS' }))).toBe(true);
  expect(isRefusedByCatalog(new ValidationError('no'))).toBe(false);
});

describe('a statement lacks a name', () => {
  it('that may be new in the database', () => {
    for (const code of ['UNKNOWN_RELATION', 'UNKNOWN_COLUMN', 'UNKNOWN_FUNCTION']) {
      expect(isMissing(new ValidationError('no', { code }))).toBe(true);
    }
    expect(isMissing(new ValidationError('no', { code: 'INVALID_OPTION' }))).toBe(false);
    expect(isMissing(undefined)).toBe(false);
  });
});
