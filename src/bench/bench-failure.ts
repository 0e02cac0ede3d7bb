import { basename } from 'node:path';
import { DatabaseError, ServiceError } from '../contract/errors.ts';

/**
 * What ends a run because code of the bench threw. The message has the class and the code of the cause, and no more of it: messages
 * of drivers hold values and addresses. Those of this package's own errors hold names only, so they stand in it.
 *
 * @param what - such as `The way 'ours' of the case 'list'`
 */
export function benchFailure(what: string, cause: unknown): ServiceError {
  return new ServiceError(`${what} failed: ${describeCause(cause)}`, {
    code: 'BENCH_FAILED',
    hint: 'Its own message is not told here, because drivers put values into theirs: call it outside the bench to see it.',
    cause,
  });
}

/** Class, code and place of what was thrown, as a sentence. */
export function describeCause(cause: unknown): string {
  if (cause instanceof DatabaseError) return `${cause.name} (${cause.code}): ${cause.message}`;
  if (!(cause instanceof Error)) return 'what it threw is no Error.';
  const name = /^\w{1,60}$/.test(cause.name) ? cause.name : 'Error';
  const code =
    'code' in cause && typeof cause.code === 'string' && /^\w{1,60}$/.test(cause.code)
      ? ` (${cause.code})`
      : '';
  return `${name}${code}${placeOf(cause)}.`;
}

/** ` at bench.config.ts:12:5`: the first line of somebody's own code, whose name is all that is told of it. */
function placeOf({ stack = '' }: Error): string {
  for (const frame of stack.split('\n')) {
    const place = /^ +at (?:.*\()?(?:file:\/\/)?(\/[^()]*):(\d+):(\d+)\)?$/.exec(frame);
    const [, path = '', line, column] = place ?? [];
    if (path === '' || path.includes('node_modules') || path.startsWith(import.meta.dirname)) continue;
    const name = basename(path);
    return /^[\w.-]{1,80}$/.test(name) ? `, at ${name}:${line}:${column}` : '';
  }
  return '';
}
