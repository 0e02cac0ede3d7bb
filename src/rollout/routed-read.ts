import type { DatabaseOperations, OperationLimits } from './database-operations.ts';
import type { OperationName } from './rollout-flag.ts';

/** A read, in a form that can be sent to either side, and sent again later. */
export interface RoutedRead<S, Options, Result> {
  readonly operation: OperationName;
  readonly table: string;
  /** As the caller has passed them. */
  readonly options: Options;
  ask(side: DatabaseOperations<S>, options: Options): Promise<Result>;
  /** For the comparison, in place of the caller's own limits. */
  askAgain(side: DatabaseOperations<S>, options: Options, limits: OperationLimits): Promise<unknown>;
  /** With all that decides the order among the columns. @defaultValue `askAgain` */
  askWidely?(side: DatabaseOperations<S>, options: Options, limits: OperationLimits): Promise<unknown>;
  /** Columns that the rows are ordered by. */
  readonly order?: readonly string[];
  /** Not all rows that match. */
  readonly isPage?: boolean;
}
