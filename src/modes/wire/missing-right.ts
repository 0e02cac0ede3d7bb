import {
  AuthorizationError,
  ConfigurationError,
  type DatabaseError,
  type DatabaseErrorDetails,
} from '../../contract/errors.ts';
import type { HiddenNames, ServerNames } from '../../contract/server-names.ts';
import { withoutValues } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';
import { SEE_LOG } from './statement-fault.ts';

interface RightContext {
  /** The SQL is an operator's: nothing is kept from who runs it. */
  readonly trusted?: boolean | undefined;
  readonly hidden?: HiddenNames | undefined;
}

/**
 * 42501 of a statement. What the caller may not do is a 403: a row that a policy refuses, a table, column or function without a
 * grant. Any other right is one that an operator forgot to grant, such as usage of a
 * schema or of a sequence.
 *
 * The server says which of them it is only by its routine, and for the rest in its text. A text in another language is taken
 * for a missing right: that raises an alert where a 403 would hide it.
 */
export function missingRight(
  error: ServerMessage,
  details: DatabaseErrorDetails,
  { trusted, hidden }: RightContext,
): DatabaseError {
  if (isRowSecurity(error)) {
    const table = hidden === 'all' ? undefined : tableOfPolicy(error);
    const on = table === undefined ? '' : ` on "${table}"`;
    return new AuthorizationError(`Row level security refused the row${on}.`, {
      ...details,
      relation: table,
    });
  }
  const said = withoutValues(error.message);
  const { routine = '', message = '' } = error;
  if (routine === 'aclcheck_error_col' || DENIED_TO_CALLERS.test(message)) {
    return hidden === undefined
      ? new AuthorizationError(`The role is not allowed to do this: ${said}.`, details)
      : new AuthorizationError(
          'The role is not allowed to do this: it lacks a right on something that the statement uses.',
          { ...details, hint: NAMES_HIDDEN },
        );
  }
  // What a function made SQL of is not the statement's own text.
  const told = error.where === undefined || trusted === true;
  return new ConfigurationError(
    `The role lacks a right that its statements need: ${told ? said : 'a function was refused it'}.`,
    {
      ...details,
      code: 'RIGHT_MISSING',
      hint: told ? hintOf(error) : SEE_LOG,
    },
  );
}

/** What the server names in its text only, and why it refused. In another language it names nothing that is known here. */
export function namesOfRefusal(
  error: ServerMessage,
): Pick<ServerNames, 'relation' | 'column' | 'function' | 'refusedBy'> {
  const refusedBy = isRowSecurity(error) ? 'policy' : 'grant';
  const [, table, column, relation, fn] = DENIED.exec(error.message ?? '') ?? [];
  return {
    refusedBy,
    relation: refusedBy === 'policy' ? tableOfPolicy(error) : (table ?? relation),
    column,
    function: fn,
  };
}

const NAMES_HIDDEN =
  "The server's log has the whole message. It is not passed on, because it names what the role has no right on.";

const DENIED_TO_CALLERS =
  /^permission denied for (?:table|view|materialized view|foreign table|relation|column|function|procedure|routine|aggregate) /;

const DENIED =
  /^permission denied for (?:(?:table|view|materialized view|foreign table|relation) (.+)|column "?(.+?)"? of relation "?(.+?)"?|(?:function|procedure|routine|aggregate) (.+))$/s;

function isRowSecurity({ routine, message = '' }: ServerMessage): boolean {
  return routine === 'ExecWithCheckOptions' || message.includes('row-level security');
}

/** The server names the table in its text only. */
function tableOfPolicy({ table, message = '' }: ServerMessage): string | undefined {
  return table ?? /for table "([^"]+)"/.exec(message)?.[1];
}

function hintOf(error: ServerMessage): string {
  return isSchema(error)
    ? "Let the role use the schema: 'grant usage on schema … to …'. To create objects in it, the role needs 'create' too."
    : 'Grant the right to the role, or do this as another one.';
}

/** A schema is looked up while the statement is parsed, which is the only time that the server has a position to tell. */
function isSchema({ message = '', position, where }: ServerMessage): boolean {
  return (
    message.startsWith('permission denied for schema') || (position !== undefined && where === undefined)
  );
}
