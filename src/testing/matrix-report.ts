import { AssertionError } from 'node:assert';
import type { AttemptResult } from './matrix-attempt.ts';
import type { Expected } from './matrix-text.ts';
import type { RlsMatrix, RowValues } from './rls-matrix.ts';

/** One cell of the matrix, after it was tried. */
export interface RlsCell {
  readonly table: string;
  /** The command with its label, such as `insert for another`. */
  readonly command: string;
  readonly identity: string;
  /** The cell as it is written in the matrix. */
  readonly expected: string;
  /** In the same words. Rows are named where the matrix names them. */
  readonly found: string;
  readonly passed: boolean;
  /** What the server said, where it refused: names only. */
  readonly why: string | undefined;
}

/** What `runRlsMatrix` found. `String(report)` is a table of what differs. */
export interface RlsReport {
  readonly cells: readonly RlsCell[];
  /** Cells whose expectation was not met. */
  readonly differences: readonly RlsCell[];
  /** What is not in the matrix, and what would pass though it proves nothing. */
  readonly problems: readonly string[];
  /** There are neither differences nor problems. */
  readonly passed: boolean;
  /** A table of what was expected and what was found, for people. */
  toString(): string;
}

export function reportOf(
  matrix: RlsMatrix,
  cells: readonly RlsCell[],
  problems: readonly string[],
): RlsReport {
  const differences = cells.filter(({ passed }) => !passed);
  return {
    cells,
    differences,
    problems,
    passed: differences.length === 0 && problems.length === 0,
    toString: () => printed(matrix, cells, differences, problems),
  };
}

/**
 * Throws an `AssertionError` with the table of what differs, unless everything is as the matrix says.
 *
 * @example
 * ```ts
 * it('lets everyone do what they may', async () => assertRls(await runRlsMatrix(admin, matrix)));
 * ```
 */
export function assertRls(report: RlsReport): void {
  if (report.passed) return;
  throw new AssertionError({ message: String(report), stackStartFn: assertRls });
}

/** In the words of a cell. */
export function shownFound(
  found: AttemptResult,
  named: Readonly<Record<string, RowValues>> | undefined,
): string {
  if (found.kind !== 'rows') return found.kind;
  const { rows } = found;
  if (named === undefined || rows.length === 0) return String(rows.length);
  const names = rows.map((row) => nameOf(row, named));
  const known = names.filter((name) => name !== undefined).sort();
  if (known.length === 0) return String(rows.length);
  const others = rows.length - known.length;
  return others === 0 ? known.join(' ') : `${known.join(' ')} and ${others} more`;
}

export function isMet(
  expected: Expected,
  found: AttemptResult,
  named: Readonly<Record<string, RowValues>> | undefined,
): boolean {
  const count = found.kind === 'rows' ? found.rows.length : 0;
  switch (expected.kind) {
    case 'allow':
      return count > 0;
    case 'deny':
      return count === 0 && found.kind !== 'constraint';
    case 'rows':
      return found.kind === 'rows' && count === expected.count;
    case 'named':
      return shownFound(found, named) === [...expected.names].sort().join(' ');
    default:
      return found.kind === expected.kind;
  }
}

function nameOf(row: RowValues, named: Readonly<Record<string, RowValues>>): string | undefined {
  const isOf = (values: RowValues): boolean =>
    Object.entries(values).every(([column, value]) => String(row[column]) === String(value));
  return Object.entries(named).find(([, values]) => isOf(values))?.[0];
}

function printed(
  matrix: RlsMatrix,
  cells: readonly RlsCell[],
  differences: readonly RlsCell[],
  problems: readonly string[],
): string {
  const identities = [...matrix.actors.keys()];
  const lines = new Map<string, RlsCell[]>();
  for (const cell of cells) {
    const key = `${cell.table} | ${cell.command}`;
    lines.set(key, [...(lines.get(key) ?? []), cell]);
  }
  const wrong = [...lines.values()].filter((line) => line.some(({ passed }) => !passed));
  const table = wrong.map((line) => [
    line[0]?.table ?? '',
    line[0]?.command ?? '',
    ...identities.map((identity) => shownCell(line.find((cell) => cell.identity === identity))),
  ]);
  const reasons = differences
    .filter(({ why }) => why !== undefined)
    .map(({ table, command, identity, why }) => `${table} | ${command}, ${identity}: ${why}`);
  return [
    `Row level security: ${cells.length} cells, ${differences.length} of them differ (expected ≠ found).`,
    ...(wrong.length === 0 ? [] : ['', ...aligned([['', '', ...identities], ...table])]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    ...(problems.length === 0 ? [] : ['', ...problems]),
  ].join('\n');
}

function shownCell(cell: RlsCell | undefined): string {
  if (cell === undefined) return '';
  return cell.passed ? cell.expected : `${cell.expected} ≠ ${cell.found}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
}
