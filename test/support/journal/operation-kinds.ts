/** All kinds of operations, each with what it claims to write. */
import type { OperationKind } from './operation.ts';
import { OPERATIONS_ALONE } from './operations-alone.ts';
import { OPERATIONS_IN_TRANSACTIONS } from './operations-in-transactions.ts';
import { OPERATIONS_THAT_COMMIT } from './operations-that-commit.ts';

export const OPERATION_KINDS: readonly OperationKind[] = [
  ...OPERATIONS_ALONE,
  ...OPERATIONS_THAT_COMMIT,
  ...OPERATIONS_IN_TRANSACTIONS,
];
