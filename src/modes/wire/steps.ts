import type { PreparedStatement } from './prepared-statements.ts';

/**
 * What was written for one Execute, in the order of the messages.
 *
 * `nonce`: one row of one column that equals the nonce. `document`: one row of one column, JSON text that
 * starts and ends with the nonce. `rows`: typed rows. `command`: no rows, or the one of a function that returns void.
 * `defaults`: one row of one column that says what the session's defaults are.
 */
export interface ExecuteStep {
  readonly kind: 'execute';
  readonly parse: boolean;
  /** Describe was sent: parameter and row description follow the Parse. */
  readonly describe: boolean;
  readonly answer: 'nonce' | 'document' | 'rows' | 'command' | 'defaults';
  /** With which the server answers the command. */
  readonly tag?: string | undefined;
  /** Raw SQL: which tags say that it began or ended a transaction. */
  readonly control?: ReadonlySet<string>;
  readonly prepared: PreparedStatement | undefined;
}

export type Step =
  | ExecuteStep
  /** Parse and Describe without running. `ahead`: of the text whose document comes next. */
  | { readonly kind: 'describe'; readonly ahead?: true }
  | { readonly kind: 'close'; readonly name: string };
