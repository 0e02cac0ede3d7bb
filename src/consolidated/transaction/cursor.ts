import type { Clock } from '../../contract/clock.ts';
import { unexpired } from '../../contract/expiry.ts';
import type { CallLimits, PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import { type Call, known } from '../call/call.ts';
import { readByCatalog } from '../call/read-by-catalog.ts';
import { ownStatement, prefixed, runOne } from './own-statement.ts';

let cursors = 0;

/**
 * Reads a statement through a cursor, a batch at a time; each batch stays in memory only until the next.
 */
export async function* readThroughCursor(
  transaction: PinnedTransaction,
  call: Call<unknown>,
  batchSize: number,
  clock: Clock,
): AsyncGenerator<readonly unknown[], void> {
  const { limits, place } = call;
  const ready = known(call.ready);
  cursors += 1;
  const name = `cdb_cursor_${cursors}`;
  const patient: CallLimits = { ...limits, maxRows: Number.MAX_SAFE_INTEGER };
  const declare = prefixed(`declare ${name} no scroll cursor for`, ready.statements[0]);
  await runOne(transaction, declare, patient);
  // From here on a stream reads between the other calls of its transaction, not before or behind them.
  call.turn?.end();
  const fetch = ownStatement(`fetch forward ${batchSize} from ${name}`);
  let failed = false;
  try {
    for (;;) {
      // A savepoint that has ended took the cursor along.
      place.inside?.assertOpen();
      // The consumer may rest for longer than its token lives.
      unexpired(known(call.actor), clock);
      const reply = await runOne(transaction, fetch, patient);
      const { value } = await readByCatalog(call, [reply]);
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
    // Also when the consumer leaves early, or was aborted: the transaction may go on.
    const { inside } = place;
    if (inside === undefined) {
      if (!failed) await transaction.command(`close ${name}`, patient);
    } else if (inside.isOpen) {
      const closed = transaction.command(`close ${name}`, inside.limits);
      // Where the server has refused the last batch, or the transaction has ended, there is nothing to close.
      await (failed ? closed.catch(() => undefined) : closed);
    }
  }
}

/**
 * Releases a reply's rows. Settled promises keep the reply until a full collection, and a stream makes
 * thousands of them: memory for a million rows grew by 180 to 196 MB with the rows, by 75 MB without.
 */
function release(reply: StatementReply): void {
  if (reply.form === 'rows') (reply.rows as unknown[]).length = 0;
}
