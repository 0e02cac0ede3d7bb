import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseServiceOptions,
  type ModeName,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

export const MODES = ['direct', 'session', 'transaction', 'embedded'] as const satisfies readonly ModeName[];
/** Those that can hold a transaction open. */
export const PINNED = ['direct', 'session', 'embedded'] as const satisfies readonly ModeName[];
export const SOCKETS = ['direct', 'session', 'transaction'] as const satisfies readonly ModeName[];

type Options = Omit<
  DatabaseServiceOptions,
  'direct' | 'session' | 'transaction' | 'embedded' | 'service' | 'pools'
>;

/** What the tests of every mode run on: `migrated` applies supabase/migrations first. */
interface EveryModeSchema {
  readonly migrated?: boolean;
  readonly sql: string;
}

/** The same schema on PostgreSQL, reached three ways, and on PGlite. */
export class EveryMode {
  #stack: TestDatabase | undefined;
  #pglite: PGlite | undefined;

  async open(schema: EveryModeSchema): Promise<void> {
    [this.#stack, this.#pglite] = await Promise.all([
      createTestDatabase(schema),
      createEmbeddedDatabase(schema),
    ]);
  }

  async close(): Promise<void> {
    await this.#pglite?.close();
    await this.#stack?.drop();
  }

  get stack(): TestDatabase {
    return this.#stack!;
  }

  /** A service that knows this mode only, over one connection, so that what a call leaves behind the next one meets, or over more. */
  service(mode: ModeName, options: Options = {}, connections = 1): ConsolidatedDatabaseService {
    if (mode === 'embedded')
      return createDatabaseService({ embedded: { pglite: this.#pglite! }, ...options });
    const { user, service } = this.stack;
    return createDatabaseService({
      [mode]: user[mode],
      service: { [mode]: service[mode] },
      pools: { [mode]: { max: connections } },
      ...options,
    });
  }

  /** Runs as the owner of the tables. Several statements only without values. */
  async query<Row extends object = Record<string, unknown>>(
    mode: ModeName,
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    if (mode !== 'embedded') return this.stack.query<Row>(text, values);
    if (values !== undefined) return (await this.#pglite!.query<Row>(text, [...values])).rows;
    return ((await this.#pglite!.exec(text)).at(-1)?.rows ?? []) as Row[];
  }

  /** Resolves once the clock of the database has moved on: that of PGlite stands still for a millisecond, in which it does several calls. */
  async untilLater(mode: ModeName): Promise<void> {
    const now = async () => (await this.query(mode, 'select clock_timestamp()::text as now'))[0]?.now;
    const before = await now();
    while ((await now()) === before);
  }
}

/** Runs the tests with all four modes at hand. */
export function describeEveryMode(
  name: string,
  schema: string | EveryModeSchema,
  tests: (modes: EveryMode) => void,
): void {
  describeFullStack(name, () => {
    const modes = new EveryMode();
    beforeAll(() => modes.open(typeof schema === 'string' ? { sql: schema } : schema));
    afterAll(() => modes.close());
    tests(modes);
  });
}

/** What a call throws; it must not answer. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const value = await call();
    return expect.fail(`it answered ${JSON.stringify(value)}`);
  } catch (error) {
    return error;
  }
}

/** What a call throws, which must be an error of this package. */
export async function refusalOf(call: () => unknown): Promise<DatabaseError> {
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(DatabaseError);
  return error as DatabaseError;
}
