import { AsyncLocalStorage } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import { type Call, known, type Layer } from '../call/call.ts';
import type { TransactionPlace } from './transaction-place.ts';

/** The transaction whose function runs in an async context, and the one in whose function it was begun. */
interface OpenTransaction {
  readonly place: TransactionPlace;
  readonly around: OpenTransaction | undefined;
}

/**
 * The open transactions of one service, known to everything that their functions await. A call that is made there
 * with another handle of the same identity is a mistake: it takes a second connection, does not see what the
 * transaction has written, and is not undone with it.
 */
export class OpenTransactions {
  readonly #storage = new AsyncLocalStorage<OpenTransaction | undefined>();
  /** Most calls are made while there is none, and pay for this number alone. */
  #running = 0;

  async run<T>(place: TransactionPlace, work: () => Promise<T>): Promise<T> {
    const own = { place, around: this.#storage.getStore() };
    this.#running += 1;
    try {
      return await this.#storage.run(own, work);
    } finally {
      this.#running -= 1;
    }
  }

  /** Runs work that knows of no transaction. */
  outside<T>(work: () => T): T {
    return this.#storage.run(undefined, work);
  }

  /** Throws for a call that belongs into a transaction around it. What comes after the end of that does not. */
  assertApart({ kind, actor }: Call<unknown>): void {
    if (this.#running === 0) return;
    for (let open = this.#storage.getStore(); open !== undefined; open = open.around) {
      if (open.place.isOpen && isSame(open.place.actor, known(actor))) throw bypassed(kind);
    }
  }
}

/** Behind identification, for calls that are not inside a transaction: may this one be made here? */
export function apart<Task>(open: OpenTransactions, next: Layer<Task>): Layer<Task> {
  return (call) => {
    if (call.place.inside === undefined) open.assertApart(call);
    return next(call);
  };
}

/** Of the same role and with the same claims, in whatever order: with other claims, policies may see other rows. */
function isSame(one: Actor, other: Actor): boolean {
  return one === other || (one.role === other.role && areSame(one.claims, other.claims));
}

function areSame(claims: string, others: string): boolean {
  if (claims === others) return true;
  // In another order they are as long.
  return claims.length === others.length && isDeepStrictEqual(JSON.parse(claims), JSON.parse(others));
}

function bypassed(kind: Call['kind']): UsageError {
  const [method] = kind.split('.');
  return new UsageError(
    `${method}() was called inside a transaction, but not on its handle: it would run on another connection, outside of the transaction.`,
    {
      code: 'TRANSACTION_BYPASSED',
      hint: `Use the handle that the function of transaction() gets: tx.${method}(…). If the call is meant to run outside of the transaction, use db.outside(() => …).`,
    },
  );
}
