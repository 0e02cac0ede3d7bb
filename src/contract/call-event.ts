import type { Identity } from './identity.ts';
import type { ModeName } from './mode.ts';
import type { StatementKind } from './statement.ts';

/** What one call did, reported when it has ended. Contains names and numbers, never values. */
export interface CallEvent {
  readonly kind: StatementKind;
  /** Undefined when the call failed before a mode was chosen. */
  readonly mode: ModeName | undefined;
  readonly identity: Identity['kind'] | undefined;
  readonly role: string | undefined;
  /** From the call to its answer, including waiting. */
  readonly milliseconds: number;
  /** Rows returned or written. */
  readonly rows: number;
  /** `code` of the error, undefined when the call succeeded. */
  readonly errorCode: string | undefined;
}
