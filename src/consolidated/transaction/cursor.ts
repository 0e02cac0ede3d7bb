import type { CallLimits, PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import type { ReadHelp, ReadyStatement } from '../call/ready-statement.ts';
import { ownStatement, prefixed, runOne } from './own-statement.ts';

let cursors = 0;

/**
 * Reads a statement through a cursor, a batch at a time; each batch stays in memory only until the next.
 */
export async function* readThroughCursor(
  transaction: PinnedTransaction,
  ready: ReadyStatement<unknown>,
  batchSize: number,
  limits: CallLimits,
  help: ReadHelp,
): AsyncGenerator<readonly unknown[], void> {
  cursors += 1;
  const name = `cdb_cursor_${cursors}`;
  const patient: CallLimits = { ...limits, maxRows: Number.MAX_SAFE_INTEGER };
  const declare = prefixed(`declare ${name} no scroll cursor for`, ready.statements[0]);
  await runOne(transaction, declare, patient);
  const fetch = ownStatement(`fetch forward ${batchSize} from ${name}`);
  let failed = false;
  try {
    for (;;) {
      const reply = await runOne(transaction, fetch, patient);
      const { value } = await ready.read([reply], help);
      const rows = value as readonly unknown[];
      const isLast = rows.length < batchSize;
      release(reply);
      if (rows.length > 0) yield rows;
      if (isLast) break;
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    // Also when the consumer stops early: the transaction may continue.
    if (!failed) await transaction.command(`close ${name}`, patient);
  }
}

/**
 * Releases a reply's rows. Settled promises keep the reply until a full collection, and a stream makes
 * thousands of them: memory for a million rows grew by 180 to 196 MB with the rows, by 75 MB without.
 */
function release(reply: StatementReply): void {
  if (reply.form === 'rows') (reply.rows as unknown[]).length = 0;
}
