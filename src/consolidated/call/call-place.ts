import type { Answer } from '../../contract/answer.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { Touched } from './touched.ts';

/** Where calls run: in the service, or in one of its open transactions. */
export interface CallPlace {
  /** The catalog that resolves names: a transaction sees its own changes. */
  readonly catalogs: Pick<CatalogSource, 'current' | 'load'> & ReloadedCatalogs;
  /** The transaction, where it is one. */
  readonly inside: InsideTransaction | undefined;
  /** The limits of a call that starts now. Throws where it may not start, or where an option is invalid. */
  admit(options: CallOptions): Answer<CallLimits>;
}

export type ReloadedCatalogs = Pick<CatalogSource, 'reloadForMissing' | 'reloadForReply' | 'reloadForLabel'>;

/** An open transaction, or one of its savepoints, as calls in it see it. */
export interface InsideTransaction {
  readonly transaction: PinnedTransaction;
  /** Its own, whatever those of a call in it are. */
  readonly limits: CallLimits;
  /** A place in the order of its calls. */
  takeTurn(): Turn;
  readonly isOpen: boolean;
  /** Throws where it has ended since the call was admitted. */
  assertOpen(): void;
  /** Relations and types may be others from now on. */
  outdateCatalog(): void;
  /** What was written in it may not be kept: the answer to it could not be read. */
  fail(cause: unknown): void;
  /** For a cache: a statement in it changes these. */
  touch(touched: Touched): void;
}

/** One place in an order of calls. */
export interface Turn {
  /** Resolves when all calls before it have ended; rejects where none may begin any more. */
  readonly begins: Promise<void>;
  /** The next one may begin. Calling it again does nothing. */
  end(): void;
}
