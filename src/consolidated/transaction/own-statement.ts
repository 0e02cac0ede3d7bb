import { ServiceError } from '../../contract/errors.ts';
import type { CallLimits, PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';

/**
 * One of our own statements in an open transaction, with typed rows. It counts as raw SQL, so that it is parsed
 * again each time: its columns depend on more than its text.
 */
export function ownStatement(text: string, values: Statement['values'] = []): Statement {
  return {
    plan: { text, document: '', name: statementName(text), intent: 'write', origin: 'raw' },
    values,
  };
}

/** A statement after our own prefix, such as `explain`. */
export function prefixed(prefix: string, { plan, values }: Statement): Statement {
  return ownStatement(`${prefix} ${plan.text}`, values);
}

export async function runOne(
  transaction: PinnedTransaction,
  statement: Statement,
  limits: CallLimits,
): Promise<StatementReply> {
  const [reply] = await transaction.run([statement], limits);
  if (reply === undefined) throw new ServiceError('A statement was not answered.', { code: 'NO_REPLY' });
  return reply;
}
