import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode, StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement } from '../../contract/statement.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { type TextPlan, textPlan } from '../values/text-plan.ts';
import { CatalogStore } from './catalog-store.ts';
import { introspect } from './introspect.ts';
import type { Catalog } from './model.ts';
import { SharedTime } from './shared-time.ts';

/** Reading the catalog of a large schema takes longer than a call may. */
const LOAD_TIMEOUT_MS = 30_000;
const MAX_CATALOG_BYTES = 256 * 1024 * 1024;

interface CatalogSourceOptions {
  readonly schemas: readonly string[];
  /** The roles that the service may act as. */
  readonly roles: readonly string[];
  readonly clock: Clock;
  /** The mode that reads the catalog for this actor, with its login checked. */
  readonly modeFor: (actor: Actor) => Promise<Pick<ConnectionMode, 'run'>>;
}

/**
 * The catalog of the service. It is the same for everyone, and knows which role has rights on what, so that messages
 * name only that; Postgres refuses what a role may not access. The first caller reads it, with its own identity.
 */
export class CatalogSource {
  readonly #options: CatalogSourceOptions;
  readonly #store: CatalogStore;
  /** Until there is a connection for the catalog, its login checked. */
  readonly #connecting = new SharedTime();
  #plan: TextPlan | undefined;
  #ownEpoch = 0;

  constructor(options: CatalogSourceOptions) {
    this.#options = options;
    this.#store = new CatalogStore({
      clock: options.clock,
      load: (epoch, actor) => this.#load(epoch, actor),
    });
  }

  get current(): Catalog | undefined {
    return this.#store.current;
  }

  load(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#within(this.#store.get(actor), limits);
  }

  reload(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#within(this.#store.refresh(actor), limits);
  }

  /** @param seen a catalog with which the database does not agree, so that a newer one is needed */
  reloadForMissing(name: string, actor: Actor, limits: CallLimits, seen?: Catalog): Promise<Catalog> {
    const work =
      seen === undefined
        ? this.#store.refreshForMissing(name, actor)
        : this.#store.refreshForChange(seen, actor);
    return this.#within(work, limits);
  }

  /** A catalog that is read after this call. What a reply holds waits for it, however many ask. */
  reloadForReply(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#within(this.#store.refreshForReply(actor), limits);
  }

  /** The same for a value that does not fit its type, as far as the catalog at hand knows: no label of its enum, or a vector of another size. */
  reloadForLabel(actor: Actor, limits: CallLimits): Promise<Catalog> {
    return this.#within(this.#store.refreshForLabel(actor), limits);
  }

  #within(work: Promise<Catalog>, limits: CallLimits): Promise<Catalog> {
    const waited = withinLimits(work, limits, this.#options.clock, 'while the catalog was read');
    const trace = own(limits, 'trace');
    return trace === undefined ? waited : this.#timed(waited, trace);
  }

  async #timed(waited: Promise<Catalog>, trace: CallTrace): Promise<Catalog> {
    const { clock } = this.#options;
    const before = this.#connecting.until(clock.now());
    try {
      return await waited;
    } finally {
      trace.connectMs += this.#connecting.until(clock.now()) - before;
    }
  }

  /**
   * Reads a catalog without keeping it: for a transaction, which sees its own changes. Its epoch is nobody else's: what is
   * kept by it must not serve those who do not see them.
   */
  read(run: (statement: Statement) => Promise<StatementReply | undefined>): Promise<Catalog> {
    this.#ownEpoch -= 1;
    return this.#introspect(run, this.#ownEpoch);
  }

  /** For all who wait, so it does not end with the token of whoever came first: nobody's rows are read. */
  async #load(epoch: number, first: Actor): Promise<Catalog> {
    const actor = { ...first, expiresAt: undefined };
    const mode = await this.#modeFor(actor);
    return this.#introspect(async (statement) => {
      const batch = {
        actor,
        access: 'read',
        statements: [statement],
        settings: undefined,
        statementTimeoutMs: LOAD_TIMEOUT_MS,
      } as const;
      const deadline = this.#options.clock.now() + LOAD_TIMEOUT_MS;
      const [reply] = await mode.run(batch, {
        deadline,
        signal: undefined,
        maxRows: 1,
        maxBytes: MAX_CATALOG_BYTES,
      });
      return reply;
    }, epoch);
  }

  async #modeFor(actor: Actor): Promise<Pick<ConnectionMode, 'run'>> {
    const { clock, modeFor } = this.#options;
    this.#connecting.begin(clock.now());
    try {
      return await modeFor(actor);
    } finally {
      this.#connecting.end(clock.now());
    }
  }

  #introspect(
    run: (statement: Statement) => Promise<StatementReply | undefined>,
    epoch: number,
  ): Promise<Catalog> {
    return introspect(
      async (text, values) => {
        this.#plan ??= textPlan(text, values.length);
        const reply = await run({ plan: this.#plan.plan, values });
        return this.#plan.read(reply).map((column) => [column]);
      },
      this.#options.schemas,
      this.#options.roles,
      epoch,
    );
  }
}
