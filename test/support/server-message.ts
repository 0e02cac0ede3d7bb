import type { ServerMessage } from '../../src/modes/wire/messages.ts';

/** An error of the server with these fields, and no others. */
export function serverMessage(fields: Partial<ServerMessage>): ServerMessage {
  return {
    severity: 'ERROR',
    code: undefined,
    message: undefined,
    hint: undefined,
    schema: undefined,
    table: undefined,
    column: undefined,
    constraint: undefined,
    detail: undefined,
    routine: undefined,
    ...fields,
  };
}
