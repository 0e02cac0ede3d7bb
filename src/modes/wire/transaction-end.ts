import { type DatabaseError, OutcomeUnknownError, SerializationError } from '../../contract/errors.ts';

/** @param tag - of the answer to COMMIT: a transaction that has failed is rolled back, and says so */
export function assertCommitted(tag: string | undefined): void {
  if (tag === 'COMMIT') return;
  throw new SerializationError(
    `The server answered COMMIT with ${tag ?? 'nothing'}: the transaction had failed and was rolled back.`,
    {
      code: 'ROLLED_BACK',
      hint: 'An error inside the transaction was caught and the work continued. Throw it again, or run a statement that may fail in a nested transaction().',
    },
  );
}

/** Raw SQL ended the transaction that it was sent in, or began another one. */
export function endedBeneath(): DatabaseError {
  return new OutcomeUnknownError(
    'SQL inside the transaction ended it (COMMIT or ROLLBACK): what came before may have been applied.',
    {
      code: 'TRANSACTION_ENDED',
      hint: 'Leave COMMIT and ROLLBACK to transaction(): return to commit, throw to roll back.',
    },
  );
}
