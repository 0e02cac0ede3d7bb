import type { CallEvent } from '../../contract/call-event.ts';
import type { CallListener } from './parted.ts';

const MAX_SQL_LENGTH = 2_000;

/** A line for each call: what it did, how long it took, and the text that was sent, in which values are `$1`, `$2`, …. */
export function statementLog(write: (line: string) => void): CallListener {
  return (event, statements) => write(lineOf(event, statements.map(({ plan }) => plan.text).join('; ')));
}

function lineOf(event: CallEvent, sql: string): string {
  const { kind, mode, role, target, label, milliseconds, rows, outcome, errorCode } = event;
  const parts = [
    `${milliseconds.toFixed(1)} ms`,
    mode ?? 'no mode',
    kind,
    target,
    role,
    label === undefined ? undefined : `[${label}]`,
    errorCode === undefined ? `${rows} rows` : `${errorCode} (${outcome})`,
    sql === '' ? undefined : `| ${onOneLine(sql)}`,
  ];
  return onOneLine(parts.filter((part) => part !== undefined).join(' '));
}

/** Nothing that a name or raw SQL contains begins a line of its own, or steers a terminal. */
function onOneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= MAX_SQL_LENGTH ? line : `${line.slice(0, MAX_SQL_LENGTH)}…`;
}
