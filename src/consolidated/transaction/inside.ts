import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { type Call, known, type Layer } from '../call/call.ts';
import type { InsideTransaction } from '../call/call-place.ts';
import { uncapped } from '../call/limits.ts';
import { readByCatalog } from '../call/read-by-catalog.ts';
import { assertAllAnswered } from '../call/read-replies.ts';
import type { CallResult, ReadyStatement } from '../call/ready-statement.ts';
import { SettledStatements, settingsOfEach } from '../call/statement-settings.ts';
import { isUnfitting } from '../values/columns-changed.ts';

/** Last stage of a call inside a transaction: its statements follow those before it on the same connection. */
export const inside: Layer = (call) => send(call, known(call.place.inside), false);

/** A read whose reply does not fit the catalog is sent once more, compiled anew. */
async function send(call: Call, place: InsideTransaction, isRetry: boolean): Promise<CallResult> {
  const ready = known(call.ready);
  const { statements } = ready;
  if (own(ready, 'ownTransactions') === true) {
    throw new UsageError("The option 'ownTransactions' is not available inside a transaction.", {
      code: 'UNSUPPORTED',
      hint: 'Use the handle outside of it.',
    });
  }
  const written = call.commented?.(statements, place.transaction.mode) ?? statements;
  call.settled = needsSettings(ready) ? new SettledStatements(written, settingsOfEach(ready)) : undefined;
  const sent = call.settled?.sent ?? written;
  const writes = statements.some(({ plan }) => plan.intent === 'write');
  const limits = writes ? uncapped(call.limits) : call.limits;
  if (own(statements[0].plan, 'mayDefine') === true) place.outdateCatalog();
  call.attempts = 1;
  const replies = await place.transaction.run(sent, limits);
  try {
    assertAllAnswered(sent.length, replies, 'not-applied');
    return await readByCatalog(call, call.settled?.answers(replies) ?? replies);
  } catch (error) {
    const anew = known(call.ready);
    if (!writes && !isRetry && isUnfitting(error) && anew !== ready) return send(call, place, true);
    // The caller is told that nothing was applied, so that must become true, whether it catches this or not. A function that
    // says that it only reads may call one that writes.
    if (writes || call.kind === 'rpc.read') place.fail(error);
    throw error;
  }
}

function needsSettings(ready: ReadyStatement<unknown>): boolean {
  return (ready.settings?.length ?? 0) > 0 || own(ready, 'settingsOfEach') !== undefined;
}
