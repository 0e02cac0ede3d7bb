import type { ServerMessage } from './messages.ts';

/**
 * What Postgres says about a value (classes 22 and 54), without the value. Postgres quotes it in many wordings, so
 * only texts that are known to contain no value are passed on.
 */
export function dataFault(error: ServerMessage): string {
  const message = error.message ?? '';
  const type = /^invalid input syntax for type ([a-z ]+)(?::|$)/.exec(message)?.[1];
  if (type !== undefined) return `it is not a valid ${type}`;
  const known = DATA_FAULTS[error.code ?? ''];
  if (TOO_LONG.test(message)) return message;
  if (known !== undefined) return known;
  return /["(=\d]/.test(message) ? `SQLSTATE ${error.code}` : message;
}

const DATA_FAULTS: Readonly<Record<string, string>> = {
  '22003': 'it is out of range for its type',
  '22007': 'it is not a valid date or time',
  '22008': 'the date or time is out of range',
  '22009': 'the time zone is unknown',
  '2201B': 'it is not a valid regular expression',
  '22025': 'it ends within an escape, or has an invalid one',
  '22P02': 'its text is not valid for its type',
  '42601': 'its text is not valid for its type',
  '22P03': 'its binary form is not valid for its type',
  '22021': 'it contains characters that the encoding of the database does not support',
};

/** `value too long for type character varying(3)` names only the type. */
const TOO_LONG = /^value too long for type [a-z ]+(?:\(\d+\))?$/;

/** Text in double quotes after a colon, or after `=` in parentheses, is a value. */
export function withoutValues(message: string | undefined): string {
  if (message === undefined) return 'no message';
  return message.replace(/: ".*"$/s, '').replace(/=\([\s\S]*\)/g, '');
}
