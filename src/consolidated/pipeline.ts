import { ServiceError } from '../contract/errors.ts';
import type { Actor } from '../contract/identity.ts';
import type {
  Batch,
  CallLimits,
  ConnectionMode,
  PinnedTransaction,
  StatementReply,
} from '../contract/mode.ts';
import type { Statement, StatementKind } from '../contract/statement.ts';
import { serviceClosed } from '../modes/connect-errors.ts';
import {
  type CallOptions,
  CallRecord,
  limitsOf,
  mergedSettings,
  type ReadHelp,
  type ReadyStatement,
  readAll,
  valueSize,
} from './call.ts';
import type { Caller } from './caller.ts';
import type { Catalog } from './catalog/model.ts';
import type { CatalogSource } from './catalog-source.ts';
import type { Connections } from './connections.ts';
import { appliedNevertheless, withField } from './explain-failure.ts';
import type { ServiceConfig } from './options.ts';
import { isMissing, isOutdated } from './outdated.ts';
import type { Prepare } from './runner.ts';
import { withinLimits } from './within-limits.ts';

interface Sent {
  readonly replies: readonly StatementReply[];
  readonly help: ReadHelp;
  readonly access: Batch['access'];
}

interface Answer {
  readonly results: unknown[];
  readonly rows: number;
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
  async run<T>(
    kind: StatementKind,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<ReadyStatement<T>>,
  ): Promise<T> {
    const [result] = await this.#call(kind, caller, options, (catalog) => [prepare(catalog)]);
    return result as T;
  }

  /** Runs several compiled statements as one batch: all of them or none. */
  runAll(
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
  ): Promise<unknown[]> {
    return this.#call('batch', caller, options, prepare);
  }

  async #call(
    kind: StatementKind,
    caller: Caller,
    options: CallOptions,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
  ): Promise<unknown[]> {
    const record = CallRecord.start(kind, this.config);
    try {
      // Each of these answers at once in the common case, and waiting for what is there costs.
      const started = this.start(options);
      const limits = started instanceof Promise ? await started : started;
      const who = this.actorOf(caller, limits, record);
      const actor = who instanceof Promise ? await who : who;
      const compiled = this.prepare(actor, limits, prepare);
      const ready = compiled instanceof Promise ? await compiled : compiled;
      const { results, rows } = await this.#sendOrAnew(actor, ready, kind, options, limits, record, prepare);
      record?.end(rows);
      return results;
    } catch (error) {
      const told = withField(error, this.#catalogs.current, this.config.schemas);
      record?.end(0, told);
      throw told;
    }
  }

  /**
   * Where the database has changed beneath a compiled statement, it refuses it: the catalog is read and the
   * statement compiled once more. Nothing was applied by the first one.
   */
  async #sendOrAnew(
    actor: Actor,
    ready: readonly ReadyStatement<unknown>[],
    kind: StatementKind,
    options: CallOptions,
    limits: CallLimits,
    record: CallRecord | undefined,
    prepare: Prepare<readonly ReadyStatement<unknown>[]>,
  ): Promise<Answer> {
    try {
      return await this.#sendAndRead(actor, ready, kind, options, limits, record);
    } catch (error) {
      const isOurs = ready.every((one) => one.statements[0].plan.origin === 'compiled');
      if (!isOurs || !isOutdated(error)) throw error;
      const before = this.#catalogs.current;
      const fresh = await this.#catalogs.reloadForMissing(error.message, actor, limits);
      if (fresh === before) throw error;
      const anew = await this.prepare(actor, limits, prepare);
      return this.#sendAndRead(actor, anew, kind, options, limits, record);
    }
  }

  async #sendAndRead(
    actor: Actor,
    ready: readonly ReadyStatement<unknown>[],
    kind: StatementKind,
    options: CallOptions,
    limits: CallLimits,
    record: CallRecord | undefined,
  ): Promise<Answer> {
    const { replies, help, access } = await this.#send(actor, ready, kind, options, limits, record);
    try {
      const results = await readAll(ready, replies, help);
      return { results, rows: record === undefined ? 0 : rowsOf(ready, results) };
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

  async #send(
    actor: Actor,
    ready: readonly ReadyStatement<unknown>[],
    kind: StatementKind,
    options: CallOptions,
    limits: CallLimits,
    record: CallRecord | undefined,
  ): Promise<Sent> {
    const statements =
      ready.length === 1 ? (ready[0]?.statements ?? []) : ready.flatMap((one) => one.statements);
    // What an rpc is, a read or a write, is known only once its function was found.
    const found = kind === 'rpc.write' ? (ready[0]?.kind ?? kind) : kind;
    const chosen = this.modeFor(found, actor, options, statements, limits, record);
    const mode = chosen instanceof Promise ? await chosen : chosen;
    const settings = ready.length === 1 ? ready[0]?.settings : mergedSettings(ready);
    const batch: Batch = {
      actor,
      access: statements.every((one) => one.plan.intent === 'read') ? 'read' : 'write',
      statements,
      statementTimeoutMs: this.statementTimeout(actor),
      ...(settings !== undefined && settings.length > 0 && { settings }),
    };
    const replies = await mode.run(batch, batch.access === 'write' ? uncapped(limits) : limits);
    if (replies.length !== statements.length) {
      throw new ServiceError(`${statements.length} statements were sent, ${replies.length} answered.`, {
        code: 'NO_REPLY',
        outcome: batch.access === 'write' ? 'unknown' : 'not-applied',
      });
    }
    const help: ReadHelp = {
      describe: () => mode.describe(batch, limits),
      catalog: () => this.#catalogs.reloadForMissing('a type', actor, limits),
    };
    return { replies, help, access: batch.access };
  }
}

/**
 * What a write returns was written: to refuse it for its number would leave the caller with a write whose
 * rows nobody saw. The cap of bytes holds for writes too.
 */
export function uncapped(limits: CallLimits): CallLimits {
  return { ...limits, maxRows: Number.MAX_SAFE_INTEGER };
}

function rowsOf(ready: readonly ReadyStatement<unknown>[], results: readonly unknown[]): number {
  return ready.reduce((sum, statement, i) => sum + statement.rows(results[i]), 0);
}
