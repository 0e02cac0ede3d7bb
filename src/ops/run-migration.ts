import { TELL_ANYTHING_CHANGED } from '../consolidated/own-schema/change-channel.ts';
import {
  ConfigurationError,
  DatabaseError,
  type Outcome,
  OutcomeUnknownError,
  ServiceError,
} from '../contract/errors.ts';
import { type AdminConnection, namesOwnSchema, serverFaultOf } from '../modes/index.ts';
import type { MigrationFile } from './migration-files.ts';
import { recordMigration } from './migration-history.ts';
import { lineAt, type SqlStatement } from './sql-statements.ts';

interface RunOptions {
  /** Called inside the transaction, or before the first statement if there is none. */
  readonly confirm: () => Promise<void>;
  /** Milliseconds that a statement may wait for a lock; 0: no limit. */
  readonly lockTimeoutMs: number;
}

/**
 * Applies one migration and records it: in one transaction, or statement by statement if its first
 * line is `-- cdb: no-transaction`.
 *
 * @throws ConfigurationError `MIGRATION_TRANSACTION_CONTROL`; ServiceError `MIGRATION_FAILED`, after which nothing
 * of a migration in a transaction is applied; OutcomeUnknownError if the connection ends during the migration.
 */
export async function runMigration(
  connection: AdminConnection,
  migration: MigrationFile,
  options: RunOptions,
): Promise<void> {
  const statements = runnable(migration);
  await resetSession(connection, options.lockTimeoutMs);
  if (migration.transactional) await runInTransaction(connection, migration, statements, options);
  else await runOneByOne(connection, migration, statements, options);
}

/** What a failed migration has applied. */
interface Remains {
  readonly sentence: string;
  readonly outcome: Outcome;
}

const NOTHING_LEFT: Remains = { sentence: 'Nothing was applied.', outcome: 'not-applied' };

function remains(count: number): string {
  const before = count === 1 ? 'the statement before it stays' : `the ${count} statements before it stay`;
  return `It runs without a transaction: ${before} applied, and the migration is not recorded.`;
}

async function runInTransaction(
  connection: AdminConnection,
  migration: MigrationFile,
  statements: readonly SqlStatement[],
  options: RunOptions,
): Promise<void> {
  await connection.script('begin');
  try {
    await options.confirm();
    for (const statement of statements) await runStatement(connection, migration, statement, NOTHING_LEFT);
    // The migration may have changed the role. The history belongs to the login.
    await connection.script('reset role');
    await recordMigration(connection, migration);
    // Told when it is committed. Processes that keep results or the catalog then read them anew.
    await connection.script(TELL_ANYTHING_CHANGED);
    await connection.script('commit');
  } catch (error) {
    await rollBack(connection, error);
    throw error;
  }
}

/** The first error is reported: if the connection is lost, so is the transaction. */
async function rollBack(connection: AdminConnection, first: unknown): Promise<void> {
  try {
    await connection.script('rollback');
  } catch (second) {
    if (!isLost(first) && !isLost(second)) throw second;
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST';
}

async function runOneByOne(
  connection: AdminConnection,
  migration: MigrationFile,
  statements: readonly SqlStatement[],
  options: RunOptions,
): Promise<void> {
  await options.confirm();
  for (const [index, statement] of statements.entries()) {
    const left = index === 0 ? NOTHING_LEFT : { sentence: remains(index), outcome: 'unknown' as const };
    await runStatement(connection, migration, statement, left);
    // Each is committed by itself, and stays when the next one fails.
    await connection.script(TELL_ANYTHING_CHANGED);
  }
  await connection.script('reset role');
  await recordMigration(connection, migration);
}

async function runStatement(
  connection: AdminConnection,
  migration: MigrationFile,
  statement: SqlStatement,
  left: Remains,
): Promise<void> {
  try {
    await connection.script(statement.text);
  } catch (cause) {
    throw failure(migration, statement, left, cause);
  }
}

function failure(
  migration: MigrationFile,
  statement: SqlStatement,
  left: Remains,
  cause: unknown,
): DatabaseError {
  const number = migration.statements.indexOf(statement) + 1;
  const fault = serverFaultOf(cause);
  const line = fault?.position === undefined ? statement.line : lineOf(statement, fault.position);
  const place = `${migration.file}, line ${line} (statement ${number} of ${migration.statements.length}: ${headline(statement)})`;
  if (fault === undefined) {
    return new OutcomeUnknownError(`The migration was interrupted at ${place}.`, {
      code: 'MIGRATION_INTERRUPTED',
      hint: "Run 'cdb migrate status' to see what is recorded.",
      cause,
    });
  }
  const sqlState = cause instanceof DatabaseError ? cause.sqlState : undefined;
  return new ServiceError(`The migration failed at ${place}: ${fault.message}. ${left.sentence}`, {
    code: 'MIGRATION_FAILED',
    sqlState,
    hint: namesOwnSchema(sqlState, fault.message) ? NEEDS_OWN_SCHEMA : fault.hint,
    outcome: left.outcome,
    cause,
  });
}

const NEEDS_OWN_SCHEMA =
  "The migration needs the schema cdb of this package, which the database lacks or has in an older version. Run 'cdb init' with the URL of the owner of the database, then this again.";

/** Postgres counts characters, JavaScript UTF-16 units. */
function lineOf(statement: SqlStatement, position: number): number {
  const before = Array.from(statement.text)
    .slice(0, position - 1)
    .join('');
  return statement.line + lineAt(statement.text, before.length) - 1;
}

function headline(statement: SqlStatement): string {
  const words = statement.command.replace(/\s+/g, ' ');
  return words.length <= 60 ? words : `${words.slice(0, 59)}…`;
}

/** Settings that an earlier migration made for the session must not affect the next one. */
async function resetSession(connection: AdminConnection, lockTimeoutMs: number): Promise<void> {
  await connection.script('reset role; reset all');
  await connection.query(
    "select set_config('statement_timeout', '0', false), set_config('lock_timeout', $1::text, false)",
    [String(lockTimeoutMs)],
  );
}

const OPENING = new Set(['begin', 'start']);
const CLOSING = new Set(['commit', 'end']);
const CONTROL = new Set([...OPENING, ...CLOSING, 'rollback', 'abort']);

/**
 * The statements to run. Many old migrations start with `begin` and end with `commit`: this pair is removed, because we
 * send it. Any other would end the transaction that makes the migration all or nothing.
 */
function runnable(migration: MigrationFile): readonly SqlStatement[] {
  const all = migration.statements.filter(({ command }) => command !== '');
  if (!migration.transactional) return all;
  const wrapped = OPENING.has(all[0]?.words[0] ?? '') && CLOSING.has(all.at(-1)?.words[0] ?? '');
  const inner = wrapped ? all.slice(1, -1) : all;
  const control = inner.find(isTransactionControl);
  if (control !== undefined) {
    throw new ConfigurationError(
      `The migration '${migration.file}' has '${headline(control)}' on line ${control.line}, but cdb already runs it in a transaction.`,
      {
        code: 'MIGRATION_TRANSACTION_CONTROL',
        hint: "Remove it, or make '-- cdb: no-transaction' the first line to run the statements one by one.",
      },
    );
  }
  return inner;
}

function isTransactionControl(statement: SqlStatement): boolean {
  const [first, second] = statement.words;
  if (first === 'rollback') return second !== 'to';
  if (first === 'prepare') return second === 'transaction';
  return CONTROL.has(first ?? '');
}
