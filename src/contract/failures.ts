import {
  ConnectionError,
  type DatabaseError,
  type Outcome,
  OutcomeUnknownError,
  ServiceError,
  TimeoutError,
  ValidationError,
} from './errors.ts';

/** The connection ended while a statement was under way, or before it could be sent. */
export function connectionLost(access: 'read' | 'write', cause?: Error): DatabaseError {
  if (access === 'write') {
    return new OutcomeUnknownError(
      'The connection was lost after a write had been sent: it may have been applied.',
      {
        code: 'CONNECTION_LOST',
        hint: 'Read back what the write should have changed before you send it again.',
        cause,
      },
    );
  }
  return new ConnectionError('The connection was lost while a read was under way.', {
    code: 'CONNECTION_LOST',
    cause,
  });
}

/** Replies that cannot be ours. Rows that came with them were thrown away; a read has changed nothing. */
export function replyMismatch(message: string, access: 'read' | 'write', cause?: unknown): DatabaseError {
  const Failure = access === 'write' ? OutcomeUnknownError : ConnectionError;
  return new Failure(`The reply does not belong to what was sent. ${message}`, {
    code: 'REPLY_MISMATCH',
    hint: 'A pooler mixed up replies, or something between here and Postgres breaks the protocol. Give this service a login role that no other program uses.',
    cause,
  });
}

export function resultTooLarge(
  what: string,
  option: 'maxRows' | 'maxBytes',
  access: 'read' | 'write',
): DatabaseError {
  const message = what.startsWith('The result') ? what : `The result has ${what}.`;
  return new ValidationError(message, {
    code: 'RESULT_TOO_LARGE',
    hint: `Ask for less with 'limit', read it with stream(), or raise the option '${option}'.`,
    outcome: access === 'read' ? 'not-applied' : 'unknown',
  });
}

export function timedOutInFlight(outcome: Outcome): DatabaseError {
  return new TimeoutError('The deadline passed while the statement was running.', {
    outcome,
    hint: "Give the call more time with 'timeoutMs', or look at its plan with explain().",
  });
}

export function abortedInFlight(outcome: Outcome, signal: AbortSignal | undefined): DatabaseError {
  return new TimeoutError('The call was aborted while the statement was running.', {
    code: 'ABORTED',
    outcome,
    cause: signal?.reason,
  });
}

export function aborted(signal: AbortSignal, what: string): DatabaseError {
  return new TimeoutError(`The call was aborted ${what}.`, {
    code: 'ABORTED',
    cause: signal.reason,
  });
}

export function timedOut(what: string): DatabaseError {
  return new TimeoutError(`The deadline passed ${what}.`, {
    hint: "Give the call more time with 'timeoutMs', or the pool more connections.",
  });
}

export function serviceClosed(): DatabaseError {
  return new ServiceError('The service is closed.', { code: 'SERVICE_CLOSED' });
}

export function modeCannot(mode: string, what: string, hint: string): DatabaseError {
  return new ValidationError(`The mode '${mode}' cannot ${what}.`, { code: 'UNSUPPORTED', hint });
}
