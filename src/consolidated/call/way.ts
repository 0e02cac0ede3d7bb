import type { Answer } from '../../contract/answer.ts';
import type { Clock } from '../../contract/clock.ts';
import type { ConnectionMode } from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Connections } from '../connections/connections.ts';
import { type Call, known } from './call.ts';

/** Chooses the mode of a call, its login looked at. */
export type ChooseWay = (
  call: Call<unknown>,
  kind: StatementKind,
  statements: readonly Statement[],
) => Answer<ConnectionMode>;

export function wayThrough(connections: Connections, clock: Clock): ChooseWay {
  return (call, kind, statements) => {
    const actor = known(call.actor);
    const mode = connections.choose(kind, actor, {
      asked: call.options.mode,
      valueBytes: valueSize(statements),
      needsTypedRows: statements.some(needsTypedRows),
    });
    call.mode = mode;
    const check = connections.check(mode, actor);
    if (check === undefined) return mode;
    return withinLimits(check, call.limits, clock, 'while the login was looked at').then(() => mode);
  };
}

/** UTF-16 units of all bound values: a cheap measure of what the batch carries. */
function valueSize(statements: readonly Statement[]): number {
  let size = 0;
  for (const { values } of statements) for (const value of values) if (value !== null) size += value.length;
  return size;
}

function needsTypedRows({ plan }: Statement): boolean {
  return plan.document === '';
}
