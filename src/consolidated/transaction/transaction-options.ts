import { UsageError } from '../../contract/errors.ts';
import { idempotencyKeyOf } from '../idempotency/idempotency-key.ts';
import type { TransactionOptions } from '../typed/transaction-handle.ts';

const ISOLATION_LEVELS: readonly unknown[] = ['read committed', 'repeatable read', 'serializable'];
const KNOWN = new Set([
  'isolation',
  'readOnly',
  'retries',
  'idempotencyKey',
  'mode',
  'timeoutMs',
  'signal',
  'label',
]);
const MAX_RETRIES = 100;

/** The options of transaction(), read only once, so that the checked values are the used ones. */
export function checkedTransactionOptions(options: TransactionOptions): Required<
  Pick<TransactionOptions, 'isolation' | 'readOnly' | 'retries'>
> & {
  readonly key: string | undefined;
} {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) {
      throw invalid(`transaction() has no option '${name}'. Known options: ${[...KNOWN].join(', ')}.`);
    }
  }
  const { isolation = 'read committed', readOnly = false, retries = 0 } = options;
  const mode: unknown = options.mode;
  if (!ISOLATION_LEVELS.includes(isolation)) {
    throw invalid(
      `The option 'isolation' must be one of ${ISOLATION_LEVELS.join(', ')}. It was ${String(isolation)}.`,
    );
  }
  if (typeof readOnly !== 'boolean') {
    throw invalid("The option 'readOnly' must be true or false.");
  }
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    throw invalid(
      `The option 'retries' must be a whole number from 0 to ${MAX_RETRIES}. It was ${String(retries)}.`,
    );
  }
  const key = idempotencyKeyOf(options);
  if (key !== undefined && readOnly) {
    throw invalid("The options 'idempotencyKey' and 'readOnly' cannot be used together.");
  }
  if (mode === 'transaction') {
    throw invalid(
      "The option 'mode' of transaction() must be direct, session or embedded: a pooler in transaction mode cannot run it.",
    );
  }
  return { isolation, readOnly, retries, key };
}

function invalid(message: string): UsageError {
  return new UsageError(message, { code: 'INVALID_OPTION' });
}
