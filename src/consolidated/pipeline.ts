import { ServiceError } from '../contract/errors.ts';
import { serviceClosed } from '../contract/failures.ts';
import type { Actor } from '../contract/identity.ts';
import type {
  Batch,
  CallLimits,
  ConnectionMode,
  PinnedTransaction,
  StatementReply,
} from '../contract/mode.ts';
import type { Statement, StatementKind } from '../contract/statement.ts';
import { withinLimits } from '../contract/within-limits.ts';
import {
  type CallOptions,
  CallRecord,
  limitsOf,
  mergedSettings,
  type ReadHelp,
  type ReadyStatement,
  readAll,
  rowsOf,
  uncapped,
  valueSize,
} from './call/call.ts';
import { appliedNevertheless, withField } from './call/explain-failure.ts';
import { RunHelp } from './call/run-help.ts';
import type { Prepare } from './call/runner.ts';
import type { CatalogSource } from './catalog/catalog-source.ts';
import type { Catalog } from './catalog/model.ts';
import { isMissing, isOutdated } from './catalog/outdated.ts';
import type { Connections } from './connections/connections.ts';
import type { Caller } from './identity/caller.ts';
import type { ServiceConfig } from './options/options.ts';

/** Which way a batch takes. */
interface Sending {
  readonly mode: ConnectionMode;
  readonly batch: Batch;
  readonly limits: CallLimits;
}

/**
 * The way of a call, in one place: identity → catalog → compile → mode → batch → decode.
 */
export class Pipeline {
  readonly config: ServiceConfig;
  readonly connections: Connections;
  readonly #catalogs: CatalogSource;
  #closed = false;

  constructor(config: ServiceConfig, connections: Connections, catalogs: CatalogSource) {
    this.config = config;
    this.connections = connections;
    this.#catalogs = catalogs;
  }

  get catalog(): Catalog | undefined {
    return this.#catalogs.current;
  }

  /** Runs one statement as the caller. */
  run<T>(
    kind: StatementKind,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<ReadyStatement<T>>,
  ): Promise<T> {
    return this.#call(kind, caller, options, (catalog) => [prepare(catalog)], first<T>);
  }

  /** Runs several compiled statements as one batch: all of them or none. */
  runAll(
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
  ): Promise<unknown[]> {
    return this.#call('batch', caller, options, prepare, all);
  }

  async #call<T>(
    kind: StatementKind,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
    pick: (results: unknown[]) => T,
  ): Promise<T> {
    const record = CallRecord.start(kind, this.config);
    try {
      // Each of these answers at once in the common case, and waiting for what is there costs.
      const started = this.start(options);
      const limits = started instanceof Promise ? await started : started;
      const who = this.actorOf(caller, limits, record);
      const actor = who instanceof Promise ? await who : who;
      const compiled = this.prepare(actor, limits, prepare);
      let ready = compiled instanceof Promise ? await compiled : compiled;
      const chosen = this.#way(actor, ready, kind, options, limits, record);
      let sending = chosen instanceof Promise ? await chosen : chosen;
      let replies: readonly StatementReply[];
      try {
        replies = await sending.mode.run(sending.batch, sending.limits);
      } catch (error) {
        ready = await this.#anew(error, ready, actor, limits, prepare);
        sending = await this.#way(actor, ready, kind, options, limits, record);
        replies = await sending.mode.run(sending.batch, sending.limits);
      }
      const read = this.#read(ready, replies, sending);
      const results = read instanceof Promise ? await read : read;
      record?.end(rowsOf(ready, results));
      return pick(results);
    } catch (error) {
      const told = withField(error, this.#catalogs.current, this.config.schemas);
      record?.end(0, told);
      throw told;
    }
  }

  /**
   * Where the database has changed beneath a compiled statement, it refused it: the catalog is read and the
   * statement compiled once more. Nothing was applied by the first one. Any other error is thrown on.
   */
  async #anew(
    error: unknown,
    ready: readonly ReadyStatement<unknown>[],
    actor: Actor,
    limits: CallLimits,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
  ): Promise<readonly ReadyStatement<unknown>[]> {
    const isOurs = ready.every((one) => one.statements[0].plan.origin === 'compiled');
    if (!isOurs || !isOutdated(error)) throw error;
    const before = this.#catalogs.current;
    const fresh = await this.#catalogs.reloadForMissing(error.message, actor, limits);
    if (fresh === before) throw error;
    return this.prepare(actor, limits, prepare);
  }

  /** What the callers get from the replies to their statements. */
  #read(
    ready: readonly ReadyStatement<unknown>[],
    replies: readonly StatementReply[],
    { mode, batch, limits }: Sending,
  ): unknown[] | Promise<unknown[]> {
    const { access, statements } = batch;
    if (replies.length !== statements.length) {
      throw new ServiceError(`${statements.length} statements were sent, ${replies.length} answered.`, {
        code: 'NO_REPLY',
        outcome: access === 'write' ? 'unknown' : 'not-applied',
      });
    }
    try {
      const results = readAll(ready, replies, new RunHelp(mode, batch, limits, this.#catalogs));
      if (!(results instanceof Promise)) return results;
      return results.catch((error: unknown) => {
        throw access === 'write' ? appliedNevertheless(error) : error;
      });
    } catch (error) {
      throw access === 'write' ? appliedNevertheless(error) : error;
    }
  }

  /**
   * The limits of a call that starts now, or once the embedded database is open. Throws when the service is
   * closed or an option is not valid.
   */
  start(options: CallOptions): CallLimits | Promise<CallLimits> {
    if (this.#closed) throw serviceClosed();
    const limits = limitsOf(options, this.config);
    const opening = this.connections.opening();
    return opening === undefined ? limits : opening.then(() => limitsOf(options, this.config));
  }

  actorOf(caller: Caller, limits: CallLimits, record: CallRecord | undefined): Actor | Promise<Actor> {
    const resolved = caller.resolve();
    if (resolved instanceof Promise) {
      const { clock } = this.config;
      return withinLimits(resolved, limits, clock, 'while the token was verified').then((actor) => {
        if (record !== undefined) record.actor = actor;
        return actor;
      });
    }
    if (record !== undefined) record.actor = resolved;
    return resolved;
  }

  /** Compiles against the catalog; a name that it lacks may be new in the database, so it is read once more. */
  prepare<T>(actor: Actor, limits: CallLimits, prepare: Prepare<T>): T | Promise<T> {
    const catalog = this.#catalogs.current;
    if (catalog === undefined) {
      return this.#catalogs
        .load(actor, limits)
        .then((loaded) => this.#prepareWith(loaded, actor, limits, prepare));
    }
    return this.#prepareWith(catalog, actor, limits, prepare);
  }

  #prepareWith<T>(catalog: Catalog, actor: Actor, limits: CallLimits, prepare: Prepare<T>): T | Promise<T> {
    try {
      return prepare(catalog);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return this.#catalogs.reloadForMissing(error.message, actor, limits).then((fresh) => {
        if (fresh.epoch === catalog.epoch) throw error;
        return prepare(fresh);
      });
    }
  }

  /** The mode of a call, its login looked at. */
  modeFor(
    kind: StatementKind,
    actor: Actor,
    options: CallOptions,
    statements: readonly Statement[],
    limits: CallLimits,
    record: CallRecord | undefined,
  ): ConnectionMode | Promise<ConnectionMode> {
    const mode = this.connections.choose(kind, actor, {
      asked: options.mode,
      valueBytes: valueSize(statements),
      needsTypedRows: statements.some((statement) => statement.plan.document === ''),
    });
    if (record !== undefined) record.mode = mode.name;
    const check = this.connections.check(mode, actor);
    if (check === undefined) return mode;
    return withinLimits(check, limits, this.config.clock, 'while the login was looked at').then(() => mode);
  }

  /** The limit that the actor's role carries in the database; 0 when it has none. */
  statementTimeout(actor: Actor): number {
    return this.#catalogs.current?.roleTimeoutMs(actor.role) ?? 0;
  }

  /** A catalog of the transaction's own: another connection may not be to be had while it holds this one. */
  readCatalogIn(transaction: PinnedTransaction, limits: CallLimits): Promise<Catalog> {
    return this.#catalogs.read(async (introspection) => {
      const patient = { ...limits, maxBytes: Number.MAX_SAFE_INTEGER };
      const [reply] = await transaction.run([introspection], patient);
      return reply;
    });
  }

  /** What reading a reply may need inside a transaction. */
  helpIn(transaction: PinnedTransaction, statement: Statement, limits: CallLimits): ReadHelp {
    return {
      describe: () => transaction.describe(statement, limits),
      catalog: () => this.readCatalogIn(transaction, limits),
    };
  }

  async refreshCatalog(actor: Actor, limits: CallLimits): Promise<void> {
    await this.#catalogs.reload(actor, limits);
  }

  async close(drainMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.connections.close(drainMs);
  }

  #way(
    actor: Actor,
    ready: readonly ReadyStatement<unknown>[],
    kind: StatementKind,
    options: CallOptions,
    limits: CallLimits,
    record: CallRecord | undefined,
  ): Sending | Promise<Sending> {
    const single = ready.length === 1 ? ready[0] : undefined;
    const statements = single?.statements ?? ready.flatMap((one) => one.statements);
    const access = statements.every((one) => one.plan.intent === 'read') ? 'read' : 'write';
    const batch: Batch = {
      actor,
      access,
      statements,
      settings: single === undefined ? mergedSettings(ready) : single.settings,
      statementTimeoutMs: this.statementTimeout(actor),
    };
    const within = access === 'write' ? uncapped(limits) : limits;
    // What an rpc is, a read or a write, is known only once its function was found.
    const found = kind === 'rpc.write' ? (ready[0]?.kind ?? kind) : kind;
    const mode = this.modeFor(found, actor, options, statements, limits, record);
    if (!(mode instanceof Promise)) return { mode, batch, limits: within };
    return mode.then((checked) => ({ mode: checked, batch, limits: within }));
  }
}

function first<T>(results: unknown[]): T {
  return results[0] as T;
}

function all(results: unknown[]): unknown[] {
  return results;
}
