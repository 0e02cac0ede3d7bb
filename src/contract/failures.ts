import {
  ConfigurationError,
  ConnectionError,
  type DatabaseError,
  type Outcome,
  OutcomeUnknownError,
  ServiceError,
  TimeoutError,
  UnreadableDataError,
} from './errors.ts';

/** The connection ended while a statement was running, or before it could be sent. */
export function connectionLost(access: 'read' | 'write', cause?: Error): DatabaseError {
  if (access === 'write') {
    return new OutcomeUnknownError(
      'The connection was lost after a write was sent. The write may have been applied.',
      {
        code: 'CONNECTION_LOST',
        hint: 'Check whether the write was applied before you send it again.',
        cause,
      },
    );
  }
  return new ConnectionError('The connection was lost while a read was running.', {
    code: 'CONNECTION_LOST',
    cause,
  });
}

/** Replies that cannot be ours. Their rows were discarded; a read has changed nothing. */
export function replyMismatch(message: string, access: 'read' | 'write', cause?: unknown): DatabaseError {
  const Failure = access === 'write' ? OutcomeUnknownError : ConnectionError;
  return new Failure(`The reply does not match the request. ${message}`, {
    code: 'REPLY_MISMATCH',
    hint: 'A pooler mixed up replies, or something between this process and Postgres breaks the protocol. Use a login role for this service that no other program uses.',
    cause,
  });
}

export function resultTooLarge(
  what: string,
  option: 'maxRows' | 'maxBytes',
  access: 'read' | 'write',
): DatabaseError {
  const message = what.startsWith('The result') ? what : `The result has ${what}.`;
  return new UnreadableDataError(message, {
    code: 'RESULT_TOO_LARGE',
    hint: `Use 'limit' or stream(), or raise the option '${option}'.`,
    outcome: access === 'read' ? 'not-applied' : 'unknown',
  });
}

export function timedOutInFlight(outcome: Outcome): DatabaseError {
  return new TimeoutError('The deadline passed while the statement was running.', {
    outcome,
    hint: "Raise 'timeoutMs', or check the plan with explain().",
  });
}

/** The connection was closed behind a statement that was answered, but had been cancelled: the cancel may come late. */
export function connectionGivenUp(
  why: 'timeout' | 'aborted',
  signal: AbortSignal | undefined,
): DatabaseError {
  return new TimeoutError(
    `The connection was closed, because ${why === 'timeout' ? 'the deadline passed' : 'the call was aborted'} while a statement was running on it.`,
    { code: why === 'timeout' ? 'TIMEOUT' : 'ABORTED', cause: signal?.reason },
  );
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

export function timedOut(
  what: string,
  hint = "Raise 'timeoutMs', or give the pool more connections.",
): DatabaseError {
  return new TimeoutError(`The deadline passed ${what}.`, { hint });
}

export function serviceClosed(): DatabaseError {
  return new ServiceError('The service is closed.', { code: 'SERVICE_CLOSED' });
}

export function modeCannot(mode: string, what: string, hint: string): DatabaseError {
  return new ConfigurationError(`The mode '${mode}' cannot ${what}.`, { code: 'UNSUPPORTED', hint });
}

/** An error that nobody foresaw. Its own message may quote a value, so it is the cause and no more. */
export function internalError(cause: unknown, outcome: Outcome): DatabaseError {
  return new ServiceError('An unexpected error occurred inside the database service.', {
    code: 'INTERNAL',
    hint: "This is a fault of consolidated-db: its 'cause' says where. Please report it.",
    outcome,
    cause,
  });
}
