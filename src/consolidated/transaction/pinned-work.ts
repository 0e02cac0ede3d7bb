import { ServiceError } from '../../contract/errors.ts';
import type { CallLimits, PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import type { ReadHelp, ReadyStatement } from '../call/call.ts';

/** Statements of our own around a caller's statement, in an open transaction: unnamed, typed rows. */
function around(prefix: string, statement: Statement): Statement {
  return { plan: unnamed(`${prefix} ${statement.plan.text}`), values: statement.values };
}

/** Text that is parsed anew each time: what it answers depends on more than the text. */
function unnamed(text: string): Plan {
  return {
    text,
    document: '',
    name: statementName(text),
    intent: 'write',
    origin: 'raw',
  };
}

async function one(
  transaction: PinnedTransaction,
  statement: Statement,
  limits: CallLimits,
): Promise<StatementReply> {
  const [reply] = await transaction.run([statement], limits);
  if (reply === undefined) throw new ServiceError('A statement was not answered.', { code: 'NO_REPLY' });
  return reply;
}

let cursors = 0;

/**
 * Reads a statement through a cursor, a batch at a time; each batch stays in memory only until the next.
 */
export async function* readThroughCursor<Row>(
  transaction: PinnedTransaction,
  ready: ReadyStatement<readonly Row[]>,
  batchSize: number,
  limits: CallLimits,
  help: ReadHelp,
): AsyncGenerator<readonly Row[], void> {
  cursors += 1;
  const name = `cdb_cursor_${cursors}`;
  const patient: CallLimits = { ...limits, maxRows: Number.MAX_SAFE_INTEGER };
  await one(transaction, around(`declare ${name} no scroll cursor for`, ready.statements[0]), patient);
  const fetch: Statement = { plan: unnamed(`fetch forward ${batchSize} from ${name}`), values: [] };
  let failed = false;
  try {
    for (;;) {
      const reply = await one(transaction, fetch, patient);
      const rows = await ready.read([reply], help);
      const isLast = rows.length < batchSize;
      release(reply);
      if (rows.length > 0) yield rows;
      if (isLast) break;
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    // Also when the consumer leaves early: the transaction may go on.
    if (!failed) await transaction.command(`close ${name}`, patient);
  }
}

/** The plan as Postgres prints it. With `analyze` the statement runs, and what it wrote is undone. */
export async function explainStatement(
  transaction: PinnedTransaction,
  statement: Statement,
  analyze: boolean,
  limits: CallLimits,
): Promise<string> {
  await transaction.command('savepoint cdb_explain', limits);
  const prefix = analyze ? 'explain (analyze, buffers)' : 'explain';
  const reply = await one(transaction, around(prefix, statement), limits);
  await transaction.command('rollback to savepoint cdb_explain', limits);
  return reply.form === 'rows' ? reply.rows.map((row) => row[0] ?? '').join('\n') : '';
}

/**
 * Lets go of a reply's rows. Settled promises that wait for a full collection hold on to it, and a stream makes
 * thousands: a million rows grew by 180 to 196 MB with them, by 75 MB without.
 */
function release(reply: StatementReply): void {
  if (reply.form === 'rows') (reply.rows as unknown[]).length = 0;
}
