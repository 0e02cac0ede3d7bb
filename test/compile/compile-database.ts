import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import type { CompileContext, Compiled } from '../../src/consolidated/compile/compiled.ts';
import { PlanCache } from '../../src/consolidated/compile/plan-cache.ts';
import { type Result, readAnswer } from '../../src/consolidated/compile/read-answer.ts';
import type { StatementReply } from '../../src/contract/mode.ts';
import type { Statement } from '../../src/contract/statement.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';

const NONCE = 'the-nonce';

/** Postgres that answers in text format, with values bound as text. */
interface Server {
  exec(sql: string): Promise<void>;
  query(
    text: string,
    values: readonly (string | null)[],
  ): Promise<{ readonly rows: readonly (readonly (string | null)[])[]; readonly count: number }>;
  close(): Promise<void>;
}

const PINS = `
  set search_path = public, extensions; set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres';
  set extra_float_digits = 1; set bytea_output = 'hex';
`;

/** Compiled statements against a database, in both of their forms. */
export class CompileDatabase {
  #server: Server | undefined;
  #catalog: Catalog | undefined;
  #owner = '';
  readonly plans = new PlanCache();

  async open(server: Server, sql: string): Promise<void> {
    this.#server = server;
    await server.exec(`${PINS}${sql}`);
    const [row] = (await server.query('select current_user::text', [])).rows;
    this.#owner = row?.[0] ?? '';
    this.#catalog = await introspect(
      async (text, values) => (await server.query(text, values)).rows,
      ['public'],
      [this.#owner],
    );
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  context(changes: Partial<CompileContext> = {}): CompileContext {
    return {
      catalog: this.#catalog!,
      schema: 'public',
      role: this.#owner,
      decode: { largeNumbers: 'throw' },
      maxRows: 100_000,
      plans: this.plans,
      ...changes,
    };
  }

  exec(sql: string): Promise<void> {
    return this.#server!.exec(sql);
  }

  query(text: string, values: readonly (string | null)[] = []) {
    return this.#server!.query(text, values);
  }

  /** Typed rows, as a prepared statement answers. */
  async typed(compiled: Compiled, maxRows = 100_000): Promise<Result> {
    const replies: StatementReply[] = [];
    for (const { plan, values } of [compiled.statement, ...compiled.further]) {
      const { rows, count } = await this.query(plan.text, values);
      replies.push({ form: 'rows', fields: [], rows, count });
    }
    return readAnswer(compiled.answer, replies, maxRows);
  }

  /** The document of transaction mode. */
  async document(compiled: Compiled, maxRows = 100_000): Promise<Result> {
    return readAnswer(compiled.answer, [await this.documentReply(compiled.statement)], maxRows);
  }

  async documentReply({ plan, values }: Statement): Promise<StatementReply> {
    const { rows } = await this.query(plan.document, [...values, NONCE]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveLength(1);
    const text = String(rows[0]?.[0]);
    expect(text.startsWith(`["${NONCE}", `)).toBe(true);
    return { form: 'document', text };
  }

  /** Runs a read in both forms, which must agree. */
  async read(compiled: Compiled): Promise<Result> {
    const typed = await this.typed(compiled);
    if (compiled.statement.plan.document !== '' && compiled.further.length === 0) {
      expect(await this.document(compiled)).toEqual(typed);
    }
    return typed;
  }

  /** Runs a write in both forms from the same state, which must agree; the state is then put back. */
  async write(compiled: Compiled, then?: () => Promise<void>): Promise<Result> {
    const typed = await this.#undone(() => this.typed(compiled), then);
    const document = await this.#undone(() => this.document(compiled), then);
    expect(document).toEqual(typed);
    return typed;
  }

  async #undone(run: () => Promise<Result>, then: (() => Promise<void>) | undefined): Promise<Result> {
    await this.exec('begin');
    try {
      const result = await run();
      await then?.();
      return result;
    } finally {
      await this.exec('rollback');
    }
  }
}

/** Runs the tests against PGlite, and against the full stack where there is one. */
export function describeDatabases(
  name: string,
  sql: string,
  tests: (database: CompileDatabase) => void,
): void {
  describe(`${name}, embedded`, () => withDatabase(openEmbedded, sql, tests));
  describeFullStack(`${name}, full stack`, () => withDatabase(openFullStack, sql, tests));
}

function withDatabase(
  open: () => Promise<Server>,
  sql: string,
  tests: (database: CompileDatabase) => void,
): void {
  const database = new CompileDatabase();
  beforeAll(async () => database.open(await open(), sql));
  afterAll(() => database.close());
  tests(database);
}

/** PGlite parses and writes by type unless it is told, type by type, to leave the text alone. */
const AS_IT_IS: Readonly<Record<number, (value: string) => string>> = Object.fromEntries(
  [
    [16, 5_000],
    [16_384, 18_000],
  ].flatMap(([first = 0, last = 0]) =>
    Array.from({ length: last - first }, (_, offset) => [first + offset, (value: string) => value]),
  ),
);

async function openEmbedded(): Promise<Server> {
  const database = await PGlite.create({ extensions: { vector } });
  await database.exec('create schema extensions; create extension vector schema extensions;');
  return {
    async exec(sql) {
      await database.exec(sql);
    },
    async query(text, values) {
      const { rows, affectedRows } = await database.query<(string | null)[]>(text, [...values], {
        rowMode: 'array',
        parsers: AS_IT_IS,
        serializers: AS_IT_IS,
      });
      return { rows, count: rows.length > 0 ? rows.length : (affectedRows ?? 0) };
    },
    async close() {
      await database.close();
    },
  };
}

async function openFullStack(): Promise<Server> {
  const database = await createTestDatabase();
  const client = new pg.Client({
    connectionString: database.ownerUrl,
    application_name: 'cdb-test-compile',
    types: { getTypeParser: () => (value: string | Buffer) => value },
  });
  await client.connect();
  return {
    async exec(sql) {
      await client.query(sql);
    },
    async query(text, values) {
      const { rows, rowCount } = await client.query<(string | null)[]>({
        text,
        values: [...values],
        rowMode: 'array',
      });
      return { rows, count: rowCount ?? 0 };
    },
    async close() {
      await client.end();
      await database.drop();
    },
  };
}
