import { describe, expect, it } from 'vitest';
import { faultClassOf } from '../../src/consolidated/resilience/fault-class.ts';
import {
  ConnectionError,
  type DatabaseError,
  OutcomeUnknownError,
  OverloadedError,
  TimeoutError,
  ValidationError,
} from '../../src/contract/errors.ts';
import { unanswered } from '../../src/modes/index.ts';
import { translateServerError } from '../../src/modes/wire/server-errors.ts';

/** As the server, or a pooler without a routine, sends it. */
function fromServer(
  code: string,
  message = 'words',
  routine: string | null = 'ProcessX',
  severity = 'ERROR',
): DatabaseError {
  return translateServerError(
    { severity, code, message, ...(routine !== null && { routine }) } as Parameters<
      typeof translateServerError
    >[0],
    { access: 'read' },
  );
}

const fromPooler = (message: string, code = 'XX000') => fromServer(code, message, null, 'FATAL');

describe('an error of the server', () => {
  it.each([
    ['40001', 'yes', 'answered'],
    ['40P01', 'yes', 'answered'],
    ['55P03', 'once', 'answered'],
    ['55006', 'once', 'answered'],
    ['53300', 'yes', 'nothing'],
    ['57P03', 'yes', 'unreachable'],
    ['57P01', 'yes', 'fault'],
    ['57P02', 'yes', 'fault'],
    ['57P05', 'yes', 'fault'],
    ['08006', 'yes', 'fault'],
    ['53100', 'never', 'fault'],
    ['53200', 'never', 'fault'],
    ['58030', 'never', 'fault'],
    ['XX001', 'never', 'fault'],
    ['28P01', 'never', 'refused'],
    ['28000', 'never', 'refused'],
    // What callers can cause says nothing against the way.
    ['25P03', 'never', 'answered'],
    ['25P04', 'never', 'answered'],
    ['53400', 'never', 'answered'],
    ['XX000', 'never', 'answered'],
    ['57014', 'never', 'nothing'],
    ['25006', 'never', 'answered'],
    ['22P02', 'never', 'answered'],
    ['23505', 'never', 'answered'],
    ['42501', 'never', 'answered'],
    ['42P01', 'never', 'answered'],
    ['54000', 'never', 'answered'],
  ] as const)('%s: again %s, evidence %s', (code, again, evidence) => {
    expect(faultClassOf(fromServer(code))).toMatchObject({ again, evidence });
  });

  it.each(['53100', '57P01', '08006', '28P01', '58030'])('%s that a function raises is none', (code) => {
    const raised = fromServer(code, 'no more beds', 'exec_stmt_raise');
    expect(faultClassOf(raised)).toMatchObject({ again: 'never', evidence: 'answered' });
  });
});

describe('an error of a pooler', () => {
  it.each([
    ['(EMAXCONN) max clients reached', 'yes', 'nothing', false],
    ['(ECHECKOUTTIMEOUT) unable to check out', 'yes', 'nothing', false],
    ['(EAUTHQUERY) authentication query failed', 'yes', 'unreachable', true],
    ['(EDBHANDLEREXITED) the handler exited', 'yes', 'fault', true],
    ['(EAUTHQUERY) user not found', 'never', 'refused', false],
    ['(ECIRCUITBREAKER) too many failed logins', 'never', 'refused', false],
  ] as const)('%s', (message, again, evidence, mayBePoolers) => {
    expect(faultClassOf(fromPooler(message))).toEqual({ again, evidence, mayBePoolers });
  });

  it.each([
    ['query_wait_timeout', 'yes', 'nothing'],
    ['server login has been failing, cached error', 'yes', 'unreachable'],
    ['server closed the connection unexpectedly', 'yes', 'fault'],
    ['no such user', 'never', 'refused'],
  ] as const)('of PgBouncer: %s', (message, again, evidence) => {
    expect(faultClassOf(fromPooler(message, '08P01'))).toMatchObject({ again, evidence });
  });
});

describe('an error of our own', () => {
  it.each([
    [new OverloadedError('The queue is full.', { code: 'QUEUE_FULL' }), 'never', 'nothing'],
    [new ConnectionError('No connection.', { code: 'CONNECT_FAILED' }), 'yes', 'unreachable'],
    [new OutcomeUnknownError('Lost.', { code: 'CONNECTION_LOST' }), 'yes', 'fault'],
    [new TimeoutError('Aborted.', { code: 'ABORTED' }), 'never', 'nothing'],
    [new ValidationError('No.', { code: 'UNSENDABLE_VALUE' }), 'never', 'nothing'],
    [new TypeError('A fault in the code.'), 'never', 'nothing'],
    [undefined, 'never', 'nothing'],
  ] as const)('%s', (error, again, evidence) => {
    expect(faultClassOf(error)).toMatchObject({ again, evidence });
  });

  it('a deadline counts where nobody answered, and not where the statement was slow', () => {
    expect(faultClassOf(new TimeoutError('The deadline passed.')).evidence).toBe('nothing');
    const silent = unanswered(new TimeoutError('The deadline passed.'));
    expect(faultClassOf(silent)).toMatchObject({ again: 'never', evidence: 'fault' });
  });

  it('whose code is a name of every object is in no table', () => {
    const error = new ConnectionError('Odd.', { code: 'constructor', sqlState: 'toString' });
    expect(faultClassOf(error)).toMatchObject({ again: 'never', evidence: 'answered' });
  });
});
