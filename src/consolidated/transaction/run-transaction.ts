import { SerializationError } from '../../contract/errors.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { known, type Layer } from '../call/call.ts';
import type { Router } from '../call/router.ts';
import { TouchedTables } from '../call/touched.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { TransactionOptions } from '../typed/transaction-handle.ts';
import { KeyedTransaction } from './keyed-transaction.ts';
import type { OpenTransactions } from './open-transactions.ts';
import { roleTimeoutMs } from './pinned.ts';
import { type ServiceCatalogs, TransactionCatalogs } from './transaction-catalogs.ts';
import { checkedTransactionOptions } from './transaction-options.ts';
import { promised, TransactionPlace } from './transaction-place.ts';

export interface TransactionTask {
  readonly options: TransactionOptions;
  /** May run again, each time in a new transaction. */
  readonly work: (place: TransactionPlace) => Promise<unknown>;
}

/** Grows with each retry and is randomized, so that transactions that conflicted do not conflict again. */
const RETRY_DELAY_MS = 10;

/**
 * Last stage of transaction(): runs the work in its own transaction, and runs all of it again after a
 * serialization failure if retries were requested.
 */
export function transacting(
  router: Router,
  catalogs: ServiceCatalogs,
  open: OpenTransactions,
  config: ServiceConfig,
): Layer<TransactionTask> {
  return async (call) => {
    const { limits } = call;
    const actor = known(call.actor);
    const { isolation, readOnly, retries, key } = checkedTransactionOptions(call.task.options);
    const keyed = key === undefined ? undefined : new KeyedTransaction(call, key, config.idempotency.ttlMs);
    const access = readOnly ? 'read' : 'write';
    const touched = new TouchedTables();
    call.touched = touched;
    const work = async (place: TransactionPlace): Promise<unknown> => {
      try {
        return await promised(call.task.work(place));
      } catch (error) {
        call.thrown = { error };
        throw error;
      }
    };
    const begin = { access, isolation, statementTimeoutMs: roleTimeoutMs(call) } as const;
    const whole = (transaction: PinnedTransaction): Promise<unknown> => {
      const own = new TransactionCatalogs(catalogs, transaction);
      const place = new TransactionPlace(transaction, own, actor, limits, config, touched);
      return open.run(place, () => place.whole(work));
    };
    const once = (use: typeof whole): Promise<unknown> => router.withTransaction(call, begin, use);
    for (let tried = 0; ; tried++) {
      try {
        const value = await (keyed === undefined ? once(whole) : keyed.once(once, whole));
        return { value, rows: 0 };
      } catch (error) {
        if (tried >= retries || !mayRunAgain(error)) throw error;
        await rest(tried, limits, config);
      }
    }
  };
}

function mayRunAgain(error: unknown): boolean {
  return error instanceof SerializationError && error.sqlState !== undefined;
}

async function rest(tried: number, limits: CallLimits, { clock, random }: ServiceConfig): Promise<void> {
  const delay = new Promise<void>((resolve) => {
    clock.schedule(resolve, RETRY_DELAY_MS * 2 ** Math.min(tried, 6) * (0.5 + random()));
  });
  await withinLimits(delay, limits, clock, 'before the transaction could be retried');
}
