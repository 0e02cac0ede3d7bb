import { ServiceError } from '../src/contract/errors.ts';
import { withSession } from '../stack/sql-session.ts';
import {
  createTestDatabase,
  type FullStack,
  fullStack,
  type TestDatabase,
} from '../test/support/full-stack.ts';
import type { BenchMode } from './contender.ts';
import { NOTES_SQL } from './notes.ts';

/** The benchmark's own database, which looks like Supabase's, with the notes in it. */
export interface BenchDatabase {
  /** URLs of a login that may become `authenticated`. */
  readonly urls: Readonly<Record<BenchMode, string>>;
  /** What the reader must know about the servers to understand the figures. */
  readonly facts: readonly string[];
  /** As the owner, on a direct connection. */
  query(sql: string): Promise<readonly object[]>;
  drop(): Promise<void>;
}

/** Throws a `ServiceError` where there is no full stack. */
export function assertFullStack(): FullStack {
  const stack = fullStack();
  if (stack === undefined) {
    throw new ServiceError('The benchmark needs PostgreSQL and PgBouncer, but none answers.', {
      code: 'NO_FULL_STACK',
      hint: 'Start them with `npm run stack:up`, or set CDB_TEST_DIRECT_URL and the other URLs of CONTRIBUTING.md.',
    });
  }
  return stack;
}

/** Throws a `ServiceError` where there is no full stack. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  assertFullStack();
  const database = await createTestDatabase({ sql: NOTES_SQL });
  try {
    return {
      urls: benchUrls(database),
      facts: await benchFacts(database),
      query: (sql) => database.query(sql),
      drop: () => database.drop(),
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}

export function benchUrls({ user }: TestDatabase): Readonly<Record<BenchMode, string>> {
  return { direct: withoutTls(user.direct), transaction: withoutTls(user.transaction) };
}

/** What the reader must know about the servers to understand the figures: Postgres, then the pooler. */
export async function benchFacts(database: TestDatabase): Promise<readonly string[]> {
  const { consoles } = assertFullStack();
  return [await serverFacts((sql) => database.query(sql)), await poolerFacts(consoles?.transaction)];
}

/** One setting for all contenders, because each has its own default. */
function withoutTls(url: string): string {
  const changed = new URL(url);
  changed.searchParams.set('sslmode', 'disable');
  return changed.toString();
}

async function serverFacts(query: (sql: string) => Promise<readonly object[]>): Promise<string> {
  const [row] = await query(`
    select format('PostgreSQL %s, fsync %s, synchronous_commit %s, TLS off', current_setting('server_version'),
                  current_setting('fsync'), current_setting('synchronous_commit')) as facts`);
  return String((row as { facts?: string } | undefined)?.facts);
}

async function poolerFacts(console: string | undefined): Promise<string> {
  if (console === undefined) return 'the pooler of the environment; its pool size is unknown';
  const config = await withSession(console, ({ query }) => query('show config'));
  const setting = (name: string) =>
    String((config as readonly { key?: string; value?: string }[]).find(({ key }) => key === name)?.value);
  const [version] = (await withSession(console, ({ query }) => query('show version'))) as readonly {
    version?: string;
  }[];
  return `${version?.version} in ${setting('pool_mode')} mode: ${setting('default_pool_size')} server connections for all clients together`;
}
