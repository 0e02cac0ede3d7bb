import { ConnectionError, type DatabaseError, type DatabaseErrorDetails } from '../../contract/errors.ts';
import type { ServerMessage } from './messages.ts';
import { isRaised } from './raised-error.ts';

/** What a standby says to the command that begins a transaction with the right to write. Nothing of it has run. */
export function isStandbyRefusal(error: ServerMessage): boolean {
  return (
    error.code === '0A000' &&
    !isRaised(error) &&
    error.message?.startsWith('cannot set transaction read-write mode during recovery') === true
  );
}

export function readOnlyServer(details: DatabaseErrorDetails): DatabaseError {
  return new ConnectionError('The server is read-only: it is a replica, or a setting was left behind.', {
    ...details,
    code: 'SERVER_READ_ONLY',
  });
}
