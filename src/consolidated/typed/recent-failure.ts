import type { Outcome } from '../../contract/errors.ts';
import type { ModeName } from '../../contract/mode.ts';
import type { StatementKind } from '../../contract/statement.ts';

/** A call that failed a short time ago. Names and numbers, never values and never an error's message. */
export interface RecentFailure {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly operation: StatementKind;
  /** `schema.name` of the relation or function; undefined where there is none. */
  readonly table: string | undefined;
  /** Undefined when it failed before a mode was chosen. */
  readonly mode: ModeName | undefined;
  readonly milliseconds: number;
  readonly outcome: Outcome;
  readonly errorCode: string;
  readonly errorClass: string;
}
