import { DatabaseError } from '../../contract/errors.ts';

/** One error can end several calls. The first of them is told. */
const told = new WeakSet<DatabaseError>();

/**
 * Adds to the stack of an error who made the call. V8 follows awaits back to the caller, but not through a queue, and no
 * further than ten frames: an error of the server is made deep inside, inside a transaction deeper than that.
 *
 * To be called by the function that the caller awaits, once the answer has come: from there the way is short.
 */
export function addCallerFrames(error: unknown): void {
  if (!(error instanceof DatabaseError) || told.has(error)) return;
  told.add(error);
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, addCallerFrames);
  const { stack } = error;
  const frames = (here.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const missing = frames.filter((frame) => stack?.includes(frame) === false);
  if (missing.length > 0) error.stack = [stack, ...missing].join('\n');
}
