import type { Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { known, type Layer } from '../call/call.ts';
import { uncapped } from '../call/limits.ts';
import { assertAllAnswered } from '../call/read-replies.ts';
import type { BatchSettings } from '../call/ready-statement.ts';

/** Last stage of a call inside a transaction: its statements follow those before it on the same connection. */
export const inside: Layer = async (call) => {
  const ready = known(call.ready);
  const { statements, settings = [] } = ready;
  const isLed = settings.length > 0;
  const sent = isLed ? [setLocally(settings), ...statements] : statements;
  const writes = statements.some(({ plan }) => plan.intent === 'write');
  const limits = writes ? uncapped(call.limits) : call.limits;
  const replies = await known(call.place.transaction).run(sent, limits);
  assertAllAnswered(sent.length, replies, 'not-applied');
  return ready.read(isLed ? replies.slice(1) : replies, call);
};

/** Settings of a statement: in a transaction they are set before it, until the transaction ends. */
function setLocally(settings: BatchSettings): Statement {
  const calls = settings.map((_, i) => `pg_catalog.set_config($${i * 2 + 1}, $${i * 2 + 2}, true)`);
  const text = `select ${calls.join(', ')}`;
  return {
    plan: { text, document: '', name: statementName(text), intent: 'read', origin: 'compiled' },
    values: settings.flat(),
  };
}
