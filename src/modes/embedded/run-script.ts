import type { DatabaseError } from '../../contract/errors.ts';
import { MessageReader } from '../wire/message-reader.ts';
import type { ServerMessage } from '../wire/messages.ts';
import { translateServerError } from '../wire/server-errors.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';
import { EmbeddedSession } from './embedded-session.ts';

/** What Postgres said of a script, without values. */
interface FailedScript {
  /** From 1. */
  readonly statement: number;
  /** Where Postgres says it. */
  readonly line: number | undefined;
  readonly error: DatabaseError;
}

/** Runs a text of one or more statements as the owner: all of them or none, unless it has transactions of its own. */
export async function runScript(
  database: EmbeddedDatabase,
  script: string,
): Promise<FailedScript | undefined> {
  const session = new EmbeddedSession(database);
  let done = 0;
  let fault: ServerMessage | undefined;
  const reader = new MessageReader({
    announce: () => undefined,
    accept: (message) => {
      if (message.name === 'commandComplete') done += 1;
      else if (message.name === 'error') fault ??= message;
    },
  });
  try {
    reader.push(await session.command(script));
  } finally {
    session.release();
  }
  if (fault === undefined) return undefined;
  const { position } = fault;
  const line = position === undefined ? undefined : lineAt(script, Number(position));
  return {
    statement: done + 1,
    line,
    error: translateServerError(fault, { access: 'write', trusted: true }),
  };
}

/** Postgres counts characters, JavaScript UTF-16 units. */
function lineAt(script: string, position: number): number {
  const before = Array.from(script).slice(0, position - 1);
  return before.filter((character) => character === '\n').length + 1;
}
