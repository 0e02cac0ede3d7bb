import { type DatabaseError, ValidationError } from '../../contract/errors.ts';
import { noteRefusedValue } from '../../contract/refused-value.ts';
import { type HiddenNames, noteNames } from '../../contract/server-names.ts';
import { refusedValue } from './blamed-value.ts';
import type { ServerMessage } from './messages.ts';
import { namesOfRefusal } from './missing-right.ts';

/**
 * Notes what the server said beside the error itself, for those who know the rights of the caller's role and the statement:
 * which names the error has, and which value it is about.
 *
 * @param statement - the place of the statement in its batch
 * @param again - makes the error of a message with fewer names
 */
export function noteFacts(
  translated: DatabaseError,
  error: ServerMessage,
  statement: number,
  again: (fewer: ServerMessage, hidden: HiddenNames) => DatabaseError,
): void {
  const { code, schema, table, column, constraint } = error;
  const refusal = code === '42501' ? namesOfRefusal(error) : undefined;
  if (table !== undefined || refusal !== undefined) {
    noteNames(translated, {
      ...{ schema, relation: table, column, constraint, function: undefined, refusedBy: undefined },
      ...refusal,
      without(hidden) {
        const fewer = { ...error, column: undefined, constraint: undefined, detail: undefined };
        return again(hidden === 'all' ? { ...fewer, schema: undefined, table: undefined } : fewer, hidden);
      },
    });
  }
  if (translated.code !== 'INVALID_VALUE' || !(translated instanceof ValidationError)) return;
  const refused = refusedValue(error, statement);
  if (refused !== undefined) noteRefusedValue(translated, refused);
}
