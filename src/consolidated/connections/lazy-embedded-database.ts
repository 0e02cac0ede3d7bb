import { readFile } from 'node:fs/promises';
import { ConfigurationError, type DatabaseError, ServiceError } from '../../contract/errors.ts';
import { serviceClosed } from '../../contract/failures.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { runScript, WorkerDatabase } from '../../modes/index.ts';
import type { EmbeddedOptions, PGliteLike } from '../options/service-options.ts';
import { ownSchemaVersions } from '../own-schema/own-schema.ts';
import { scan } from '../raw-sql/scan.ts';
import { statementEnds } from '../raw-sql/statement-ends.ts';

interface Subscription {
  /** The channel, quoted, or PGlite would fold it to lower case. */
  readonly name: string;
  readonly handler: (payload: string) => void;
  stop: () => Promise<void>;
}

/**
 * Opens PGlite with pgvector on first use, in a thread of its own, and makes it look like Supabase (roles,
 * `auth.uid()`, `auth.users`, `storage.objects`, the schema `extensions` with its usual extensions). When its thread has ended by itself it is opened again where
 * the data is kept; otherwise every further call is told that the data is gone.
 */
export class LazyEmbeddedDatabase {
  readonly #options: EmbeddedOptions;
  readonly #subscriptions = new Set<Subscription>();
  #opening: Promise<PGliteLike> | undefined;
  #opened = false;
  /** The scripts have run: what they did is kept with the data. */
  #prepared = false;
  #worker: WorkerDatabase | undefined;
  /** Why it cannot be opened any more. */
  #over: DatabaseError | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  /** True when calls do not have to wait for the database to open. */
  get opened(): boolean {
    return this.#opened;
  }

  open(): Promise<PGliteLike> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    this.#opening ??= this.#open().then(
      (database) => {
        this.#opened = true;
        return database;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw this.#over ?? error;
      },
    );
    return this.#opening;
  }

  /** Does not wait for what runs. */
  async close(): Promise<void> {
    this.#over ??= serviceClosed();
    await this.#worker?.close();
  }

  /** The notifications of our batches are delivered too. */
  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    const database = await this.open();
    const name = quotedName(channel);
    const subscription: Subscription = { name, handler, stop: async () => undefined };
    this.#subscriptions.add(subscription);
    try {
      subscription.stop = await database.listen(name, handler);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      // The database may have been opened again meanwhile.
      await subscription.stop();
      throw error;
    }
    return async () => {
      this.#subscriptions.delete(subscription);
      await subscription.stop();
    };
  }

  /** Commands that reset the session and keep its subscriptions. */
  readonly discardCommands = (): readonly string[] => [
    'discard all',
    ...[...this.#subscriptions].map(({ name }) => `listen ${name}`),
  ];

  async #open(): Promise<PGliteLike> {
    const database = this.#options.pglite ?? (await this.#startWorker());
    try {
      if (!this.#prepared) await this.#prepare(database);
      for (const subscription of this.#subscriptions) {
        subscription.stop = await database.listen(subscription.name, subscription.handler);
      }
    } catch (error) {
      await this.#worker?.close();
      throw error;
    }
    return database;
  }

  async #startWorker(): Promise<PGliteLike> {
    // Two threads must not have the same files.
    await this.#worker?.close();
    if (this.#over !== undefined) throw this.#over;
    const worker = new WorkerDatabase(this.#options.dataDir, scriptsOf(this.#options));
    this.#worker = worker;
    worker.onEnd((cause) => this.#ended(cause));
    try {
      await worker.opened;
    } catch (cause) {
      await worker.close();
      throw notInstalled(cause) ?? cause;
    }
    return worker;
  }

  #ended(cause: Error): void {
    // Whoever waits for the opening is told by it.
    if (!this.#opened) return;
    if (this.#options.dataDir === undefined) {
      this.#over ??= new ServiceError(
        'The embedded database has ended by itself. Its data was in memory and is gone.',
        {
          code: 'EMBEDDED_LOST',
          hint: "Make a new service. The option 'embedded.dataDir' keeps the data.",
          cause,
        },
      );
    }
    this.#opened = false;
    this.#opening = undefined;
  }

  async #prepare(database: PGliteLike): Promise<void> {
    const bootstrap = await readFile(new URL('../../../supabase/bootstrap.sql', import.meta.url), 'utf8');
    await run(database, 'bootstrap.sql', bootstrap);
    for (const { name, script } of await ownSchemaVersions()) await run(database, `${name}.sql`, script);
    const { sql } = this.#options;
    // The database's default, which bootstrap.sql set, is that of sessions that begin later; this is the only one.
    await run(database, 'search_path', 'set search_path = "$user", public, extensions');
    if (typeof sql === 'string') await run(database, "'embedded.sql'", sql);
    else for (const [i, script] of (sql ?? []).entries()) await run(database, `'embedded.sql[${i}]'`, script);
    await run(database, 'search_path', 'reset search_path');
    this.#prepared = true;
  }
}

function scriptsOf({ sql = [] }: EmbeddedOptions): readonly string[] {
  return typeof sql === 'string' ? [sql] : sql;
}

async function run(database: PGliteLike, name: string, script: string): Promise<void> {
  const failed = await runScript(database, script);
  if (failed === undefined) return;
  const { statement, line, error } = failed;
  const where = line === undefined ? `statement ${statement}${ofLine(script, statement)}` : `line ${line}`;
  throw new ServiceError(
    `The embedded database could not be opened: ${name} failed at ${where}. ${error.message}`,
    { code: 'EMBEDDED_FAILED', sqlState: error.sqlState, hint: error.hint, cause: error },
  );
}

/** ` (line 5)`, where a statement of a script begins. */
function ofLine(script: string, statement: number): string {
  const { tokens } = scan(script);
  const end = statement === 1 ? undefined : statementEnds(tokens)[statement - 2];
  const first = end === undefined ? tokens[0] : tokens[tokens.indexOf(end) + 1];
  return first === undefined ? '' : ` (line ${script.slice(0, first.start).split('\n').length})`;
}

function notInstalled(cause: unknown): DatabaseError | undefined {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) return undefined;
  return new ConfigurationError(
    "The option 'embedded' needs the packages @electric-sql/pglite and @electric-sql/pglite-pgvector.",
    {
      code: 'EMBEDDED_NOT_INSTALLED',
      hint: 'npm install @electric-sql/pglite@0.5.14 @electric-sql/pglite-pgvector@0.0.15',
      cause,
    },
  );
}
