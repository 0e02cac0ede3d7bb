import { ConnectionError, type DatabaseError, type DatabaseErrorDetails } from '../../contract/errors.ts';
import type { ServerMessage } from './messages.ts';
import { isRaised } from './raised-error.ts';

/** A standby refuses to begin what may write. */
export function isStandbyRefusal(error: ServerMessage): boolean {
  const { code, message = '' } = error;
  return (
    code === '0A000' &&
    !isRaised(error) &&
    message.startsWith('cannot set transaction read-write mode during recovery')
  );
}

export function readOnlyServer(details: DatabaseErrorDetails): DatabaseError {
  return new ConnectionError('The server is read-only: it is a replica, or a setting was left behind.', {
    ...details,
    code: 'SERVER_READ_ONLY',
  });
}
