import { SerializationError } from '../../contract/errors.ts';

/** @param tag - of the answer to COMMIT: a transaction that has failed is rolled back, and says so */
export function assertCommitted(tag: string): void {
  if (tag === 'COMMIT') return;
  throw new SerializationError(
    `The server answered COMMIT with ${tag === '' ? 'nothing' : tag}: the transaction had failed and was rolled back.`,
    {
      code: 'ROLLED_BACK',
      hint: 'An error inside the transaction was caught and the work continued. Throw it again, or run a statement that may fail in a nested transaction().',
    },
  );
}
