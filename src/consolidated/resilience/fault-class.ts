import { DatabaseError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { wasUnanswered } from '../../modes/index.ts';

/**
 * What a failure says about the way that the call took:
 *
 * - `answered`: the database itself refused the statement, so the way is in order
 * - `fault`: the connection or the server failed
 * - `unreachable`: no connection could be opened
 * - `refused`: the login is refused, and will be again: each further attempt brings a pooler's ban nearer
 * - `nothing`: it was never sent, or it was slow
 */
export type Evidence = 'answered' | 'fault' | 'unreachable' | 'refused' | 'nothing';

interface FaultClass {
  /** Whether it may be sent again, where its outcome allows that. */
  readonly again: 'never' | 'once' | 'yes';
  readonly evidence: Evidence;
  /** On a pooler's way it may be the pooler's own: another mode, if it answers, proves that it is. */
  readonly mayBePoolers: boolean;
}

const LOST: FaultClass = { again: 'yes', evidence: 'fault', mayBePoolers: true };
const UNREACHABLE: FaultClass = { again: 'yes', evidence: 'unreachable', mayBePoolers: true };
const REFUSED: FaultClass = { again: 'never', evidence: 'refused', mayBePoolers: false };
/** No retry helps, and neither does another mode. */
const FAULT: FaultClass = { again: 'never', evidence: 'fault', mayBePoolers: false };
const FULL: FaultClass = { again: 'yes', evidence: 'nothing', mayBePoolers: false };
const CONFLICT: FaultClass = { again: 'yes', evidence: 'answered', mayBePoolers: false };
const LOCKED: FaultClass = { again: 'once', evidence: 'answered', mayBePoolers: false };
const ANSWERED: FaultClass = { again: 'never', evidence: 'answered', mayBePoolers: false };
const NOTHING: FaultClass = { again: 'never', evidence: 'nothing', mayBePoolers: false };

/**
 * What may be sent again and what counts against a way, by the code of the error. The only such table: retries, breaker
 * and fallback read it. What is not in it is not sent again, and counts as an answer if the server named an SQLSTATE.
 */
const BY_CODE: Readonly<Record<string, FaultClass>> = {
  CONNECT_FAILED: UNREACHABLE,
  CONNECT_TIMEOUT: UNREACHABLE,
  HOST_NOT_FOUND: UNREACHABLE,
  POOLER_UNAVAILABLE: UNREACHABLE,
  // It starts or stops, and says so itself: no other mode leads elsewhere.
  SERVER_UNAVAILABLE: { ...UNREACHABLE, mayBePoolers: false },
  CONNECTION_LOST: LOST,
  REPLY_MISMATCH: LOST,
  LOGIN_REFUSED: REFUSED,
  LOGIN_BANNED: REFUSED,
  NO_SUCH_DATABASE: REFUSED,
  TLS_UNKNOWN_CA: FAULT,
  TLS_INVALID_CERTIFICATE: FAULT,
  TLS_NOT_OFFERED: FAULT,
  // More connections than there may be. The way is in order, and a breaker would turn a shortage into an outage.
  POOLER_OVERLOADED: FULL,
  TOO_MANY_CONNECTIONS: FULL,
  SERIALIZATION_FAILURE: CONFLICT,
  LOCK_NOT_AVAILABLE: LOCKED,
  // A standby answers reads, and so the probes: a breaker would open and close, and refuse those reads. The pool replaces its
  // connections, so that the next attempt may reach the server that writes now.
  SERVER_READ_ONLY: CONFLICT,
  PASSWORD_UNAVAILABLE: { ...UNREACHABLE, mayBePoolers: false },
};

/** Of these codes the SQLSTATE tells more. */
const BY_SQLSTATE: Readonly<Record<string, Readonly<Record<string, FaultClass>>>> = {
  // Disk full, out of memory, I/O, corrupted data. Not all of XX: extensions report invalid input as XX000.
  SERVER_FAULT: {
    '53100': FAULT,
    '53200': FAULT,
    '58000': FAULT,
    '58030': FAULT,
    XX001: FAULT,
    XX002: FAULT,
  },
  // The transaction rested or lasted too long: its client's fault.
  CONNECTION_LOST: { '25P03': ANSWERED, '25P04': ANSWERED },
  // The object is in use.
  SERVER_ERROR: { '55006': LOCKED },
};

export function faultClassOf(error: unknown): FaultClass {
  if (!(error instanceof DatabaseError)) return NOTHING;
  const { code, sqlState } = error;
  if (code === 'TIMEOUT') return wasUnanswered(error) ? SILENT : NOTHING;
  const states = sqlState === undefined ? undefined : own(BY_SQLSTATE, code);
  const refined = states === undefined || sqlState === undefined ? undefined : own(states, sqlState);
  return refined ?? own(BY_CODE, code) ?? (sqlState === undefined ? NOTHING : ANSWERED);
}

/** Its time is over, so it is not sent again. */
const SILENT: FaultClass = { ...LOST, again: 'never' };
