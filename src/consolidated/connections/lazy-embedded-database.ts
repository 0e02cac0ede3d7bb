import { readFile } from 'node:fs/promises';
import { ValidationError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { EmbeddedOptions, PGliteLike } from '../options/service-options.ts';

/**
 * Opens PGlite with pgvector on first use and makes it look like Supabase (roles, `auth.uid()`, `auth.users`,
 * the schema `extensions`).
 */
export class LazyEmbeddedDatabase {
  readonly #options: EmbeddedOptions;
  /** Quoted channels, one for each subscription. */
  readonly #listened: string[] = [];
  #opening: Promise<PGliteLike> | undefined;
  #opened = false;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  /** True when calls do not have to wait for the database to open. */
  get opened(): boolean {
    return this.#opened;
  }

  open(): Promise<PGliteLike> {
    this.#opening ??= this.#open().then(
      (database) => {
        this.#opened = true;
        return database;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined || this.#options.pglite !== undefined) return;
    await (await opening).close();
  }

  /** PGlite also delivers the notifications of our batches. */
  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    const database = await this.open();
    // Quoted, because PGlite would fold the name to lower case.
    const name = quotedName(channel);
    this.#listened.push(name);
    const unlisten = await database.listen(name, handler);
    return async () => {
      this.#listened.splice(this.#listened.indexOf(name), 1);
      await unlisten();
    };
  }

  /** Commands that reset the session and keep its subscriptions. */
  readonly discardCommands = (): readonly string[] => [
    'discard all',
    ...this.#listened.map((name) => `listen ${name}`),
  ];

  async #open(): Promise<PGliteLike> {
    const database = this.#options.pglite ?? (await createPGlite(this.#options.dataDir));
    await database.exec(await readFile(new URL('../../../supabase/bootstrap.sql', import.meta.url), 'utf8'));
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
