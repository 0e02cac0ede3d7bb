import { DatabaseError, ServiceError } from '../../contract/errors.ts';
import type { Batch, CallLimits, ConnectionMode, StatementReply } from '../../contract/mode.ts';
import type { KeyedStatements } from './ready-statement.ts';

/** How the server says that the write was applied before; see `supabase/cdb`. */
const KEPT = 'CDB01';
const NOTHING_KEPT = 'CDB05';
const OTHER_COLUMNS = 'CDB07';
/** Codes of what is told where a kept result could not be read. */
const COLUMNS_CHANGED = 'COLUMNS_CHANGED';
const UNREAD = 'KEPT_RESULT_UNREAD';

/** The write was applied before under its key, and its result can be read. */
export function isKept(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.sqlState === KEPT;
}

/**
 * Sends a batch that claims its key. Where the key is kept already, the server has skipped the statements, and their results
 * are read in a second batch. They never travel in the error: servers log errors.
 */
export async function runKeyed(
  mode: ConnectionMode,
  batch: Batch,
  { kept }: KeyedStatements,
  limits: CallLimits,
): Promise<readonly StatementReply[]> {
  for (let tried = 1; ; tried++) {
    try {
      return await mode.run(batch, limits);
    } catch (error) {
      if (!isKept(error)) throw error;
      const { actor, statementTimeoutMs } = batch;
      const replies = await keptResult(error, tried === 1, () =>
        mode.run({ actor, access: 'read', statements: kept, statementTimeoutMs }, limits),
      );
      if (replies !== undefined) return replies;
    }
  }
}

/**
 * Reads what is kept; undefined where it has expired since, so that the write may be sent once more.
 *
 * Whatever goes wrong with the reading: the write was applied.
 *
 * @param refusal the error of the claim
 * @param isFirst it was not read before. A function of the application may raise the same SQLSTATE, and nothing is ever kept
 */
export async function keptResult<T>(
  refusal: DatabaseError,
  isFirst: boolean,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.sqlState === NOTHING_KEPT) {
      if (isFirst) return undefined;
      throw refusal;
    }
    throw unread(error);
  }
}

function unread(cause: DatabaseError): DatabaseError {
  const hasChanged = cause.sqlState === OTHER_COLUMNS;
  return new ServiceError(
    `The write was applied by an earlier call with this idempotency key, but its result could not be read. ${cause.message}`,
    {
      code: hasChanged ? COLUMNS_CHANGED : UNREAD,
      outcome: 'applied',
      hint: hasChanged ? 'Read the rows that it wrote.' : 'Repeat the call with the same key.',
      cause,
    },
  );
}
