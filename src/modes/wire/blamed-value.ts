import type { RefusedValue } from '../../contract/refused-value.ts';
import { dataFault } from './message-without-values.ts';
import type { ServerMessage } from './messages.ts';

/**
 * What an error of class 22 says of the bound value that it is about; undefined where a function was running, whose values are
 * its own.
 *
 * Postgres reads a bound value when it binds it, and then says which one it is; in a cast or an assignment it says only the type,
 * and quotes the value.
 */
export function refusedValue(error: ServerMessage, statement: number): RefusedValue | undefined {
  const { where, message = '', detail = '' } = error;
  const parameter = boundParameter(where);
  if (where !== undefined && parameter === undefined) return undefined;
  return {
    sqlState: error.code ?? '',
    said: dataFault(error),
    statement,
    parameter,
    type: typeIn(message, detail),
    text: QUOTED.exec(message)?.[1],
  };
}

/** The number of the bound value that the server was reading; undefined where it did something else. */
export function boundParameter(where: string | undefined): number | undefined {
  const parameter = where === undefined ? undefined : BOUND.exec(where)?.[1];
  return parameter === undefined ? undefined : Number(parameter);
}

/** `unnamed portal parameter $2`, with or without its value. */
const BOUND = /^(?:unnamed portal|portal ".*?") parameter \$(\d+)(?: = |$)/;

/** The first thing in double quotes that is followed by nothing more than its end, or that the message begins with. */
const QUOTED = /(?:^|: |value )"([\s\S]*)"(?:$| is out of range| not recognized)/;

function typeIn(message: string, detail: string): string | undefined {
  const type = TYPED.exec(message)?.[1];
  if (type !== undefined) return type;
  if (message !== 'numeric field overflow') return undefined;
  const [, precision, scale] = /^A field with precision (\d+), scale (-?\d+) /.exec(detail) ?? [];
  return precision === undefined ? 'numeric' : `numeric(${precision},${scale})`;
}

const TYPED =
  /^(?:invalid input syntax for type |value too long for type |invalid input value for enum |value "[\s\S]*" is out of range for type |"[\s\S]*" is out of range for type )([a-z ]+(?:\(\d+(?:,\d+)?\))?|[\w".]+)(?::|$)/;
