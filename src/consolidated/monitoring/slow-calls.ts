import type { CallEvent, SlowCall } from '../../contract/call-event.ts';
import type { StatementKind } from '../../contract/statement.ts';
import type { CallListener } from './parted.ts';

/** The time of these is also that of the code that they wait for. */
const WITH_OTHER_CODE: ReadonlySet<StatementKind> = new Set(['transaction', 'stream', 'listen']);

/** Tells of calls that took long, with the text of their statements. */
export function slowCalls(slowMs: number, onSlow: (call: SlowCall) => void): CallListener {
  return (event, statements) => {
    if (timeOf(event) >= slowMs) onSlow({ event, sql: statements.map(({ plan }) => plan.text) });
  };
}

function timeOf({ kind, milliseconds, queueMs, connectMs, serverMs }: CallEvent): number {
  return WITH_OTHER_CODE.has(kind) ? queueMs + connectMs + serverMs : milliseconds;
}
