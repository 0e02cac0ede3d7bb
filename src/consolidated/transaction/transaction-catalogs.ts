import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, PinnedTransaction } from '../../contract/mode.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Catalog } from '../catalog/model.ts';

/** The catalog of the service, as far as transactions need it. */
export type ServiceCatalogs = Pick<CatalogSource, 'current' | 'load' | 'read'>;

/**
 * The catalog that a transaction uses to resolve names: the service's, until a name is missing. Then it is read
 * inside the transaction, because only the transaction sees what it has created, and because another connection may
 * not be available.
 */
export class TransactionCatalogs {
  readonly #service: ServiceCatalogs;
  readonly #transaction: PinnedTransaction;
  #own: Catalog | undefined;

  constructor(service: ServiceCatalogs, transaction: PinnedTransaction) {
    this.#service = service;
    this.#transaction = transaction;
  }

  get current(): Catalog | undefined {
    return this.#own ?? this.#service.current;
  }

  load(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#service.load(actor, limits);
  }

  reloadForMissing(_name: string, actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.reloadForReply(actor, limits);
  }

  reloadForLabel(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.reloadForReply(actor, limits);
  }

  async reloadForReply(_actor: Actor, limits: CallLimits): Promise<Catalog> {
    this.#own = await this.#service.read(async (introspection) => {
      const patient = { ...limits, maxBytes: Number.MAX_SAFE_INTEGER };
      const [reply] = await this.#transaction.run([introspection], patient);
      return reply;
    });
    return this.#own;
  }
}
