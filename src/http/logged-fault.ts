import { DatabaseError, type SerializedDatabaseError } from '../contract/errors.ts';

/** A fault of the service, or of the application: names and places, no values. */
export type LoggedFault = SerializedDatabaseError | UnexpectedFault;

/** Something that is no `DatabaseError` was thrown. Its message may hold values, so it is not here. */
export interface UnexpectedFault {
  /** Of the error, or the type of what was thrown instead of one. */
  readonly name: string;
  /** Where it was thrown: the lines of the stack. */
  readonly frames: readonly string[];
}

export function loggedFault(error: unknown): LoggedFault {
  if (error instanceof DatabaseError) return error.toJSON();
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  return { name: error.name, frames: framesOf(error) };
}

/** The stack begins with the message, which may have lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  const begins = stack.indexOf(message);
  if (begins < 0) return [];
  return stack
    .slice(begins + message.length)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim());
}
