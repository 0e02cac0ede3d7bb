import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Catalog } from '../catalog/model.ts';

/** The catalog of the service, as far as transactions need it. */
export type ServiceCatalogs = Pick<CatalogSource, 'current' | 'load' | 'read'>;

/**
 * The catalog that a transaction uses to resolve names: the service's, until a name is missing or the transaction may have
 * changed something itself. Then it is read inside the transaction, because only the transaction sees what it has done,
 * and because another connection may not be available.
 */
export class TransactionCatalogs {
  readonly #service: ServiceCatalogs;
  readonly #transaction: PinnedTransaction;
  #own: Catalog | undefined;
  /** With the service's catalog a statement could be refused, and fail the whole transaction. */
  #isOutdated = false;

  constructor(service: ServiceCatalogs, transaction: PinnedTransaction) {
    this.#service = service;
    this.#transaction = transaction;
  }

  get current(): Catalog | undefined {
    return this.#isOutdated ? undefined : (this.#own ?? this.#service.current);
  }

  /** DDL was sent in the transaction. */
  outdate(): void {
    this.#isOutdated = true;
  }

  /** The transaction was rolled back to a savepoint, and with it what it may have changed. */
  undone(): void {
    if (this.#own !== undefined) this.outdate();
  }

  load(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#isOutdated ? this.#read(limits) : this.#service.load(actor, limits);
  }

  reloadForMissing(_name: string, actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.reloadForReply(actor, limits);
  }

  reloadForLabel(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.reloadForReply(actor, limits);
  }

  reloadForReply(_actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#read(limits);
  }

  async #read(limits: CallLimits): Promise<Catalog> {
    this.#own = await this.#service.read(async (introspection) => {
      const patient = { ...limits, maxBytes: Number.MAX_SAFE_INTEGER };
      const [reply] = await this.#transaction.run([introspection], patient);
      return reply;
    });
    this.#isOutdated = false;
    return this.#own;
  }
}
