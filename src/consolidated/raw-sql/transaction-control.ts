import { UsageError } from '../../contract/errors.ts';
import type { Token } from './scan.ts';

/** Postgres lets only these commit in the middle. */
const COMMITTING: ReadonlySet<string> = new Set(['do', 'call']);
/** Whatever follows, they begin, chain or end a transaction. */
const CONTROLLING: ReadonlySet<string> = new Set(['begin', 'commit', 'end', 'abort']);

/** What a statement does to the transaction that it runs in. */
interface TransactionControl {
  /** It may commit by itself, where it does not run in a transaction block. */
  readonly mayCommit: boolean;
  /** It rolls back to a savepoint, and the transaction goes on. */
  readonly toSavepoint: boolean;
}

const NONE: TransactionControl = { mayCommit: false, toSavepoint: false };

/**
 * Throws for a statement that begins, chains, prepares or ends a transaction: those are the service's own, and carry
 * the identity. Savepoints may be made, released and rolled back to.
 */
export function transactionControl(tokens: readonly Token[]): TransactionControl {
  const first = wordAt(tokens, 0);
  if (COMMITTING.has(first)) return { mayCommit: true, toSavepoint: false };
  if (first === 'rollback') {
    const second = wordAt(tokens, 1);
    const noise = second === 'work' || second === 'transaction';
    if (wordAt(tokens, noise ? 2 : 1) === 'to') return { mayCommit: false, toSavepoint: true };
    throw refused(first);
  }
  const controls =
    CONTROLLING.has(first) ||
    ((first === 'start' || first === 'prepare') && wordAt(tokens, 1) === 'transaction');
  if (controls) throw refused(first);
  return NONE;
}

function wordAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  return token?.kind === 'word' ? token.text : '';
}

function refused(word: string): UsageError {
  return new UsageError(`Raw SQL may not begin, prepare or end a transaction (${word.toUpperCase()}).`, {
    code: 'TRANSACTION_CONTROL',
    hint: 'Use transaction(): return to commit, throw to roll back.',
  });
}
