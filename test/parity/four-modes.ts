import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  type Identity,
  type ModeName,
  type SerializedDatabaseError,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

/** Who runs the statements; the tables of these tests have no policies. */
const SOMEBODY = user({ sub: '00000000-0000-4000-8000-000000000001' });

const MODES = ['direct', 'session', 'transaction', 'embedded'] as const;

type Run = (db: DatabaseHandle, mode: ModeName) => Promise<unknown>;

export interface RunOptions {
  /** Of the statements' service. @defaultValue 'throw' */
  readonly largeNumbers?: 'throw' | 'string';
  /** Puts both databases back before the statement runs in each mode. */
  readonly reset?: string;
  /** Modes that are asked. @defaultValue all four */
  readonly modes?: readonly ModeName[];
  /** Who runs the statement. */
  readonly identity?: Identity;
}

/** What a caller decides by. Postgres' wording differs where the document form stands around a statement. */
type AgreedError = Omit<SerializedDatabaseError, 'message' | 'hint'>;

type Answer = { readonly value: unknown } | { readonly error: AgreedError };

/**
 * The same schema and data on PostgreSQL 17, reached directly and through PgBouncer in both modes, and on
 * PGlite, which is PostgreSQL 18. Each service knows one mode only, so that no statement can take another.
 */
export class FourModes {
  #stack: TestDatabase | undefined;
  #pglite: PGlite | undefined;
  readonly #services = new Map<string, ConsolidatedDatabaseService>();

  async open(sql: string): Promise<void> {
    [this.#stack, this.#pglite] = await Promise.all([
      createTestDatabase({ sql }),
      createEmbeddedDatabase({ sql }),
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services.values()].map((db) => db.close({ drainMs: 1_000 })));
    await this.#pglite?.close();
    await this.#stack?.drop();
  }

  /** Runs the statement in every mode and answers with what all of them agree on. */
  async alike(run: Run, options: RunOptions = {}): Promise<unknown> {
    const answer = await this.#agreed(run, options);
    if ('error' in answer) expect.fail(`every mode refused: ${JSON.stringify(answer.error)}`);
    return answer.value;
  }

  /** Runs a statement that every mode refuses, and answers with the error, which all of them agree on. */
  async alikeError(run: Run, options: RunOptions = {}): Promise<AgreedError> {
    const answer = await this.#agreed(run, options);
    if ('value' in answer) expect.fail(`no mode refused; the answer was ${JSON.stringify(answer.value)}`);
    return answer.error;
  }

  async #agreed(run: Run, options: RunOptions): Promise<Answer> {
    const { modes = MODES, largeNumbers = 'throw', reset, identity = SOMEBODY } = options;
    const answers: Partial<Record<ModeName, Answer>> = {};
    for (const mode of modes) {
      if (reset !== undefined) await this.query(mode, reset);
      answers[mode] = await settle(() => run(this.service(mode, largeNumbers).as(identity), mode));
    }
    const first = answers[modes[0]!]!;
    expect(answers).toStrictEqual(Object.fromEntries(modes.map((mode) => [mode, first])));
    return first;
  }

  /** Runs SQL in the database of the mode, past the service. */
  async query(mode: ModeName, sql: string): Promise<void> {
    await (mode === 'embedded' ? this.#pglite?.exec(sql) : this.#stack?.query(sql));
  }

  /** The owner's URL of the database on the server. */
  get ownerUrl(): string {
    return this.#stack!.ownerUrl;
  }

  /** Resolves once a statement on the server waits for another transaction. */
  async untilBlocked(): Promise<void> {
    const blocked = `select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`;
    while ((await this.#stack!.query(blocked)).length === 0);
  }

  service(mode: ModeName, largeNumbers: 'throw' | 'string' = 'throw'): ConsolidatedDatabaseService {
    const key = `${mode} ${largeNumbers}`;
    let db = this.#services.get(key);
    if (db === undefined) {
      db = createDatabaseService({ ...this.#urls(mode), largeNumbers });
      this.#services.set(key, db);
    }
    return db;
  }

  #urls(mode: ModeName): Parameters<typeof createDatabaseService>[0] {
    if (mode === 'embedded') return { embedded: { pglite: this.#pglite! } };
    const { user: users, service } = this.#stack!;
    return { [mode]: users[mode], service: { [mode]: service[mode] } };
  }
}

async function settle(run: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await run() };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const { message, hint, ...agreed } = error.toJSON();
    return { error: agreed };
  }
}

/** Runs the tests against all four modes; parity of fewer would say nothing. */
export function describeFourModes(name: string, sql: string, tests: (modes: FourModes) => void): void {
  describeFullStack(name, () => {
    const modes = new FourModes();
    beforeAll(() => modes.open(sql));
    afterAll(() => modes.close());
    tests(modes);
  });
}
