import { ConflictError, type DatabaseError, NotFoundError } from '../../contract/errors.ts';
import type { FailedExpectation } from '../../contract/expectation.ts';

/** The write met other rows than it should, and was rolled back. */
export function unmetExpectation(failed: FailedExpectation): DatabaseError {
  switch (failed.kind) {
    case 'count':
      return new NotFoundError(
        `The write affected ${rows(failed.touched)}, but 'expect' is ${failed.expected}. Nothing was changed.`,
        { code: 'EXPECTATION_FAILED' },
      );
    case 'none':
      return new NotFoundError("No row that may be written matches the 'filters'. Nothing was changed.", {
        hint: 'A row may be there all the same: a policy for writing can leave it out, and a BEFORE trigger that returns null skips it.',
      });
    case 'changed':
      return new ConflictError(
        "The row has changed: it no longer has the values in 'unchanged'. Nothing was written.",
        { hint: 'Read the row again, and decide with its new values.' },
      );
  }
}

const rows = (count: string): string => (count === '1' ? '1 row' : `${count} rows`);
