import { UsageError } from '../../contract/errors.ts';
import { CALL_OPTIONS, NO_OPTIONS } from '../compile/check-options.ts';

/** Of the call that sends a statement, not of the statement. */
const SENT_OPTIONS = [...CALL_OPTIONS, 'cache', 'idempotencyKey'] as const;

/** A described statement has no call options: the call that sends it has them. */
export function refuseLimits(options: object | null): void {
  const given = SENT_OPTIONS.find((name) => Object.hasOwn(options ?? NO_OPTIONS, name));
  if (given !== undefined) {
    const methods = given === 'idempotencyKey' ? 'batch()' : 'batch() or explain()';
    throw new UsageError(`build has no option '${given}'. Pass it to ${methods}.`, {
      code: 'UNKNOWN_OPTION',
    });
  }
}
