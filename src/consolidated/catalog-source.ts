import type { Clock } from '../contract/clock.ts';
import type { Actor } from '../contract/identity.ts';
import type { CallLimits, ConnectionMode } from '../contract/mode.ts';
import { CatalogStore } from './catalog/catalog-store.ts';
import { introspect } from './catalog/introspect.ts';
import type { Catalog } from './catalog/model.ts';
import { type TextPlan, textPlan } from './text-plan.ts';
import { withinLimits } from './within-limits.ts';

/** Reading the catalog of a large schema takes longer than a call may. */
const LOAD_TIMEOUT_MS = 30_000;
const MAX_CATALOG_BYTES = 256 * 1024 * 1024;

export interface CatalogSourceOptions {
  readonly schemas: readonly string[];
  readonly clock: Clock;
  /** The mode that reads the catalog for this actor, its login looked at. */
  readonly modeFor: (actor: Actor) => Promise<ConnectionMode>;
}

/**
 * The catalog of the service. It is the same for everyone: what a role may not touch is refused by
 * Postgres, not hidden here. Whoever comes first reads it, as itself.
 */
export class CatalogSource {
  readonly #options: CatalogSourceOptions;
  readonly #store: CatalogStore;
  #plan: TextPlan | undefined;
  #actor: Actor | undefined;

  constructor(options: CatalogSourceOptions) {
    this.#options = options;
    this.#store = new CatalogStore({ clock: options.clock, load: (epoch) => this.#load(epoch) });
  }

  get current(): Catalog | undefined {
    return this.#store.current;
  }

  load(actor: Actor, limits: CallLimits): Promise<Catalog> {
    this.#actor = actor;
    return this.#within(this.#store.get(), limits);
  }

  reload(actor: Actor, limits: CallLimits): Promise<Catalog> {
    this.#actor = actor;
    return this.#within(this.#store.refresh(), limits);
  }

  reloadForMissing(name: string, actor: Actor, limits: CallLimits): Promise<Catalog> {
    this.#actor = actor;
    return this.#within(this.#store.refreshForMissing(name), limits);
  }

  #within(work: Promise<Catalog>, limits: CallLimits): Promise<Catalog> {
    return withinLimits(work, limits, this.#options.clock, 'while the catalog was read');
  }

  async #load(epoch: number): Promise<Catalog> {
    const actor = this.#actor as Actor;
    const mode = await this.#options.modeFor(actor);
    return introspect(
      async (text, values) => {
        this.#plan ??= textPlan(text, values.length);
        const replies = await mode.run(
          {
            actor,
            access: 'read',
            statements: [{ plan: this.#plan.plan, values }],
            statementTimeoutMs: LOAD_TIMEOUT_MS,
          },
          {
            deadline: this.#options.clock.now() + LOAD_TIMEOUT_MS,
            maxRows: 1,
            maxBytes: MAX_CATALOG_BYTES,
          },
        );
        return this.#plan.read(replies[0]).map((column) => [column]);
      },
      this.#options.schemas,
      epoch,
    );
  }
}
