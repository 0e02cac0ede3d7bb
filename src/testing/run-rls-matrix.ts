import { UsageError } from '../contract/errors.ts';
import type { AdminQueries } from './admin-queries.ts';
import { type Acting, type AttemptResult, MatrixAttempts } from './matrix-attempt.ts';
import { gapsOf, type MatrixRelation, readRelations } from './matrix-relations.ts';
import { isMet, type RlsCell, type RlsReport, reportOf, shownFound } from './matrix-report.ts';
import { statementOf } from './matrix-statement.ts';
import type { ExpectedLine } from './matrix-text.ts';
import type { MatrixActor, RlsMatrix } from './rls-matrix.ts';

/**
 * Tries every cell of a matrix, and takes everything back, the seed too: it runs in one transaction, or in a savepoint
 * where one is open. It changes nothing in the database, but for sequences.
 *
 * A refusal counts only if it could have been otherwise. So each command is first tried as the login of `admin`, which must
 * see every row: where even that touches no row, the report says so instead of passing.
 *
 * @param admin one connection of a superuser, or of the owner of all tables who may take every role of the matrix
 *
 * @throws UsageError `MATRIX_LOGIN` where policies hide rows from the login, or `admin` is more than one connection; what the seed throws, and what a statement
 * throws that is neither a refusal nor a constraint
 *
 * @example
 * ```ts
 * const report = await runRlsMatrix(admin, matrix);
 * console.log(`${report.cells.length} cells`, String(report));
 * ```
 */
export async function runRlsMatrix(admin: AdminQueries, matrix: RlsMatrix): Promise<RlsReport> {
  return rolledBack(admin, async () => {
    await assertOneConnection(admin);
    await matrix.seed?.(admin);
    const relations = await readRelations(admin, matrix.schema);
    const problems = [...gapsOf(matrix, relations)];
    const cells: RlsCell[] = [];
    const attempts = new MatrixAttempts(admin, matrix.schema);
    for (const line of matrix.lines) {
      const relation = relations.get(line.table);
      if (relation === undefined) continue;
      const ran = await runLine(attempts, matrix, line, relation);
      cells.push(...ran.cells);
      problems.push(...ran.problems);
    }
    return reportOf(matrix, cells, problems);
  });
}

async function runLine(
  attempts: MatrixAttempts,
  matrix: RlsMatrix,
  line: ExpectedLine,
  relation: MatrixRelation,
): Promise<{ readonly cells: readonly RlsCell[]; readonly problems: readonly string[] }> {
  const named = matrix.tables[line.table]?.rows;
  const cells: RlsCell[] = [];
  const problems = new Set<string>();
  for (const [identity, actor] of matrix.actors) {
    const cell = line.cells.get(identity);
    if (cell === undefined) continue;
    const attempt = (acting: Acting) => tried(attempts, matrix, line, relation, identity, acting);
    const found = await attempt(actingOf(actor, relation));
    const { text, expected } = cell;
    cells.push({
      table: line.table,
      command: line.label,
      identity,
      expected: text,
      found: shownFound(found, named),
      passed: isMet(expected, found, named),
      why: found.kind === 'rows' ? undefined : found.why,
    });
    const isRefused = found.kind !== 'rows' || found.rows.length === 0;
    if (isRefused && expected.kind !== 'constraint') {
      const vacuous = whyVacuous(line, identity, await attempt('login'));
      if (vacuous !== undefined) problems.add(vacuous);
    }
  }
  return { cells, problems: [...problems] };
}

/** What a refusal proves, where the statement is not carried out for the login either: nothing. */
function whyVacuous(
  { table, label, cells }: ExpectedLine,
  identity: string,
  possible: AttemptResult,
): string | undefined {
  // Where the line says that others get as far as the constraint, to be refused before it proves something.
  const isMeant = [...cells.values()].some(({ expected }) => expected.kind === 'constraint');
  if (isMeant && possible.kind === 'constraint') return undefined;
  if (possible.kind !== 'rows') {
    return `'${table} | ${label}' proves nothing for '${identity}': nobody could do it. ${possible.why}`;
  }
  if (possible.rows.length > 0) return undefined;
  return `'${table} | ${label}' proves nothing for '${identity}': the table has no row for it. Insert one in 'seed'.`;
}

async function tried(
  attempts: MatrixAttempts,
  matrix: RlsMatrix,
  line: ExpectedLine,
  relation: MatrixRelation,
  identity: string,
  acting: Acting,
): Promise<AttemptResult> {
  try {
    return await attempts.try(relation, line.command, statementOf(matrix, line, identity), acting);
  } catch (cause) {
    if (!(cause instanceof Error) || isOfMatrix(cause)) throw cause;
    throw new UsageError(
      `'${line.table} | ${line.label}' could not be tried as '${identity}': ${cause.message}`,
      { code: 'MATRIX_FAILED', cause },
    );
  }
}

/** A pool could run a statement on another connection: as its login, outside of the transaction that is rolled back. */
async function assertOneConnection(admin: AdminQueries): Promise<void> {
  await admin.query("select pg_catalog.set_config('cdb.matrix', 'kept', true)");
  const [row] = await admin.query<{ kept: string | null }>(
    "select pg_catalog.current_setting('cdb.matrix', true) as kept",
  );
  if (row?.kept === 'kept') return;
  throw new UsageError('A matrix needs one connection. This one forgets between two queries what was set.', {
    code: 'MATRIX_LOGIN',
    hint: 'Use a client, not a pool. A matrix rolls back by itself: give it a connection of clonedDatabase, not rollbackDatabase.',
  });
}

/** It names the place already. */
function isOfMatrix(error: Error): boolean {
  return error instanceof UsageError && error.code.includes('MATRIX');
}

function actingOf(actor: MatrixActor, { owner }: MatrixRelation): Acting {
  return actor === 'table owner' ? { role: owner, claims: '' } : actor;
}

/** In a transaction, or in a savepoint of the one that is open: `begin` would not begin another, and a rollback end it. */
async function rolledBack<T>(admin: AdminQueries, work: () => Promise<T>): Promise<T> {
  const isOpen = await admin.query('savepoint cdb_matrix').then(
    () => true,
    () => false,
  );
  if (!isOpen) await admin.query('begin');
  const end = isOpen ? ['rollback to savepoint cdb_matrix', 'release savepoint cdb_matrix'] : ['rollback'];
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // The error that led here is the one to tell, also where the connection was lost with it.
    await endWith(admin, end).catch(() => undefined);
    throw error;
  }
  await endWith(admin, end);
  return result;
}

async function endWith(admin: AdminQueries, commands: readonly string[]): Promise<void> {
  for (const command of commands) await admin.query(command);
}
