import { DatabaseError } from '../../../src/index.ts';
import { type RlsReport, runRlsMatrix } from '../../../src/testing/index.ts';
import { openAdmin } from '../../ops/full-stack-admin.ts';
import { differencesOfFunctions } from '../../schema/project-functions.ts';
import { projectMatrix } from '../../schema/project-matrix.ts';
import { createTestDatabase, type TestDatabase } from '../../support/full-stack.ts';
import { directGround } from '../grounds.ts';
import { isOutage } from '../outage.ts';
import { play } from '../play.ts';
import type { Mutant } from './mutant.ts';

/** Why each of them is sure that something is wrong; undefined where it did not notice. */
export interface Verdict {
  readonly matrix: string | undefined;
  readonly model: string | undefined;
  /** Cases until the model differed. */
  readonly cases: number;
}

export interface JudgeOptions {
  readonly seed: number;
  /** After so many cases the model has not noticed. */
  readonly cases: number;
}

/** Puts a mutant into a database of its own, and lets the matrix and the model look at it, each alone. */
export async function judge(mutant: Mutant, options: JudgeOptions): Promise<Verdict> {
  await using database = await createTestDatabase({ migrated: true, sql: mutant.sql });
  const matrix = await askMatrix(database, mutant.focus.tables);
  return { matrix, ...(await askModel(database, mutant, options)) };
}

async function askMatrix({ ownerUrl }: TestDatabase, tables: readonly string[]): Promise<string | undefined> {
  const admin = await openAdmin(ownerUrl);
  try {
    // What the lines of the table notice, the whole matrix notices too, and later.
    const near = projectMatrix.lines.filter(({ table }) => tables.includes(table));
    const noticed = firstDifference(await runRlsMatrix(admin, { ...projectMatrix, lines: near }));
    if (noticed !== undefined) return noticed;
    const report = await runRlsMatrix(admin, projectMatrix);
    return firstDifference(report) ?? report.problems[0] ?? (await differencesOfFunctions(admin))[0];
  } catch (error) {
    // A weakened function may fail, with every policy that calls it.
    if (!(error instanceof DatabaseError) || isOutage(error)) throw error;
    return String(error);
  } finally {
    await admin.close();
  }
}

function firstDifference({ differences: [first] }: RlsReport): string | undefined {
  if (first === undefined) return undefined;
  const { table, command, identity, found, expected } = first;
  return `${table} | ${command} | ${identity}: ${found}, not ${expected}`;
}

async function askModel(
  database: TestDatabase,
  { focus }: Mutant,
  { seed, cases }: JudgeOptions,
): Promise<Pick<Verdict, 'model' | 'cases'>> {
  await using ground = directGround(database);
  const options = { seed, cases, focus, differences: 1, casesBetweenLooks: 50 };
  const tally = await play(ground, options);
  return { model: tally.differences[0], cases: tally.cases };
}
