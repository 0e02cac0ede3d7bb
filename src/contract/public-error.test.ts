import { describe, expect, it } from 'vitest';
import {
  AuthorizationError,
  CircuitOpenError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  DatabaseError,
  OutcomeUnknownError,
  ThrottledError,
  TimeoutError,
  UniqueConstraintError,
  UnreadableDataError,
  UsageError,
  ValidationError,
} from './errors.ts';
import { publicError } from './public-error.ts';

const details = {
  sqlState: '23505',
  hint: 'Ask the hidden table.',
  constraint: 'hidden_key',
  relation: 'hidden',
  cause: new Error('hidden'),
} as const;

describe('a public error', () => {
  it.each([
    [
      new CircuitOpenError('The hidden way.', { ...details, retryAfterMs: 1_200 }),
      { status: 503, title: 'Service Unavailable', code: 'UNAVAILABLE', retryAfterMs: 1_200 },
    ],
    [
      new ThrottledError('The hidden account.', { ...details, retryAfterMs: 1_200 }),
      { status: 429, title: 'Too Many Requests', code: 'THROTTLED', retryAfterMs: 1_200 },
    ],
    [
      new TimeoutError('hidden', { ...details, retryAfterMs: 1_200 }),
      { status: 504, title: 'Gateway Timeout', code: 'TIMEOUT' },
    ],
    [
      new ValidationError('The hidden value.', { ...details, field: 'title' }),
      { status: 400, title: 'Bad Request', code: 'VALIDATION', field: 'title' },
    ],
    [
      new AuthorizationError('No right on hidden.', { ...details, field: 'secret' }),
      { status: 403, title: 'Forbidden', code: 'FORBIDDEN' },
    ],
    [new ConflictError('hidden', details), { status: 409, title: 'Conflict', code: 'CONFLICT' }],
    [
      new UniqueConstraintError('hidden', { ...details, field: 'email' }),
      { status: 409, title: 'Conflict', code: 'UNIQUE_VIOLATION', field: 'email' },
    ],
    [
      new UsageError('No table hidden.', { ...details, code: 'UNKNOWN_RELATION', field: 'hidden' }),
      { status: 500, title: 'Internal Server Error', code: 'INTERNAL' },
    ],
    [
      new ConfigurationError('hidden', { ...details, code: 'SET_ROLE_REFUSED' }),
      { status: 500, title: 'Internal Server Error', code: 'INTERNAL' },
    ],
    [
      new OutcomeUnknownError('hidden', { ...details, code: 'CONNECTION_LOST' }),
      { status: 500, title: 'Internal Server Error', code: 'OUTCOME_UNKNOWN' },
    ],
    [
      new UnreadableDataError('hidden', { ...details, code: 'NUMBER_TOO_LARGE', outcome: 'applied' }),
      { status: 500, title: 'Internal Server Error', code: 'APPLIED' },
    ],
    [
      new ConnectionError('hidden', { ...details, code: 'LOGIN_REFUSED' }),
      { status: 503, title: 'Service Unavailable', code: 'UNAVAILABLE' },
    ],
    [
      new TimeoutError('hidden', { ...details, code: 'LOCK_NOT_AVAILABLE' }),
      { status: 504, title: 'Gateway Timeout', code: 'TIMEOUT' },
    ],
    [
      new TimeoutError('hidden', { ...details, outcome: 'unknown' }),
      { status: 504, title: 'Gateway Timeout', code: 'OUTCOME_UNKNOWN' },
    ],
  ])('of %s', (error, expected) => {
    expect(publicError(error)).toStrictEqual({ type: 'about:blank', ...expected });
    expect(JSON.stringify(publicError(error))).not.toContain('hidden');
  });

  it.each([
    [new TypeError('hidden')],
    ['hidden'],
    [undefined],
    [null],
    [{ statusCode: 400, code: 'hidden' }],
    [new DatabaseError('hidden', { code: 'TEAPOT', statusCode: 418 })],
    [new Proxy({}, { getPrototypeOf: () => null })],
  ])('of anything else is a plain 500: %s', (thrown) => {
    expect(publicError(thrown)).toStrictEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'INTERNAL',
    });
  });
});
