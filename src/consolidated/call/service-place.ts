import type { Answer } from '../../contract/answer.ts';
import { serviceClosed } from '../../contract/failures.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { Connections } from '../connections/connections.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { CallPlace } from './call-place.ts';
import { limitsOf } from './limits.ts';

/** The service itself, outside any transaction. */
export class ServicePlace implements CallPlace {
  readonly catalogs: CatalogSource;
  readonly inside = undefined;
  readonly #config: ServiceConfig;
  readonly #connections: Connections;
  #closed = false;

  constructor(config: ServiceConfig, connections: Connections, catalogs: CatalogSource) {
    this.#config = config;
    this.#connections = connections;
    this.catalogs = catalogs;
  }

  /** Waits until the embedded database is open, so that the first call does not time out. */
  admit(options: CallOptions): Answer<CallLimits> {
    if (this.#closed) throw serviceClosed();
    const limits = limitsOf(options, this.#config);
    const opening = this.#connections.opening();
    if (opening === undefined) return limits;
    const opened = withinLimits(
      opening,
      { ...limits, deadline: Number.POSITIVE_INFINITY },
      this.#config.clock,
      'while the embedded database was opened',
    );
    return opened.then(() => limitsOf(options, this.#config));
  }

  /** No further call is admitted. */
  close(): void {
    this.#closed = true;
  }
}
