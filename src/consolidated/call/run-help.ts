import type { Batch, CallLimits, ConnectionMode, Field } from '../../contract/mode.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Catalog } from '../catalog/model.ts';
import type { ReadHelp } from './call.ts';

/** Help for reading the replies to a batch, by the way that it took. */
export class RunHelp implements ReadHelp {
  readonly #mode: ConnectionMode;
  readonly #batch: Batch;
  readonly #limits: CallLimits;
  readonly #catalogs: CatalogSource;

  constructor(mode: ConnectionMode, batch: Batch, limits: CallLimits, catalogs: CatalogSource) {
    this.#mode = mode;
    this.#batch = batch;
    this.#limits = limits;
    this.#catalogs = catalogs;
  }

  describe(): Promise<readonly Field[]> {
    return this.#mode.describe(this.#batch, this.#limits);
  }

  catalog(): Promise<Catalog> {
    return this.#catalogs.reloadForMissing('a type', this.#batch.actor, this.#limits);
  }
}
