import { readFile } from 'node:fs/promises';
import { ValidationError } from '../contract/errors.ts';
import type { EmbeddedDatabase } from '../modes/embedded-session.ts';

/** The slice of PGlite that is needed to prepare it. */
export interface PGliteLike extends EmbeddedDatabase {
  exec(sql: string): Promise<unknown>;
  close(): Promise<void>;
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

export interface EmbeddedOptions {
  /** A PGlite of your own, with its extensions; closing the service leaves it open. */
  readonly pglite?: PGliteLike | undefined;
  /** Folder that keeps the data. @defaultValue in memory */
  readonly dataDir?: string | undefined;
  /** SQL that is run once when the database is opened, such as your migrations. Runs as the owner. */
  readonly sql?: string | readonly string[] | undefined;
}

/**
 * Opens PGlite with pgvector on first use and makes it look like Supabase (roles, `auth.uid()`, `auth.users`,
 * the schema `extensions`).
 */
export class LazyEmbeddedDatabase {
  readonly #options: EmbeddedOptions;
  readonly #handlers = new Map<string, Set<(payload: string) => void>>();
  #opening: Promise<PGliteLike> | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  open(): Promise<PGliteLike> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined || this.#options.pglite !== undefined) return;
    await (await opening).close();
  }

  /**
   * PGlite hands out notifications only for what runs through its own methods; those of our batches come
   * with the batch's reply and are handed out by `notified`.
   */
  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    const database = await this.open();
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    const unlisten = await database.listen(channel, handler);
    return async () => {
      handlers.delete(handler);
      if (handlers.size === 0) this.#handlers.delete(channel);
      await unlisten();
    };
  }

  /** Called for each notification in the reply to a batch. */
  readonly notified = (channel: string, payload: string): void => {
    for (const handler of this.#handlers.get(channel) ?? []) handler(payload);
  };

  /** What makes the session as good as new, without ending what is listened to. */
  readonly discardCommands = (): readonly string[] => [
    'discard all',
    ...[...this.#handlers.keys()].map((channel) => `listen "${channel.replaceAll('"', '""')}"`),
  ];

  async #open(): Promise<PGliteLike> {
    const database = this.#options.pglite ?? (await createPGlite(this.#options.dataDir));
    await database.exec(await readFile(new URL('../../supabase/bootstrap.sql', import.meta.url), 'utf8'));
    const { sql } = this.#options;
    for (const script of typeof sql === 'string' ? [sql] : (sql ?? [])) await database.exec(script);
    return database;
  }
}

async function createPGlite(dataDir: string | undefined): Promise<PGliteLike> {
  try {
    const [{ PGlite }, { vector }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite-pgvector'),
    ]);
    return await PGlite.create({ ...(dataDir !== undefined && { dataDir }), extensions: { vector } });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') {
      throw new ValidationError(
        "The option 'embedded' needs the packages @electric-sql/pglite and @electric-sql/pglite-pgvector.",
        {
          code: 'EMBEDDED_NOT_INSTALLED',
          hint: 'npm install @electric-sql/pglite@0.5.14 @electric-sql/pglite-pgvector@0.0.15',
          cause,
        },
      );
    }
    throw cause;
  }
}
