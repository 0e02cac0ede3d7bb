/** The table of a run, and what it says at its end. */
import type { FaultRow } from './fault-row.ts';

const HEADS = ['', 'operations', 'struck', 'wrong', 'unsettled', 'recovery', 'seconds'] as const;

export function tableOf(rows: readonly FaultRow[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [headOf(width), ...rows.map((row) => lineOf(row, width))].join('\n');
}

export function headOf(width: number): string {
  const [, ...heads] = HEADS;
  return `   ${''.padEnd(width)}${heads.map((head) => head.padStart(11)).join('')}  errors by code`;
}

export function lineOf(row: FaultRow, width: number): string {
  const { name, operations, struck, wrong, unsettled, recoveryMs, seconds, broken } = row;
  const cells = [
    operations,
    struck,
    wrong.length,
    unsettled.length,
    recoveryMs === undefined ? '–' : `${Math.round(recoveryMs)} ms`,
    seconds.toFixed(1),
  ];
  const figures = cells.map((cell) => String(cell).padStart(11)).join('');
  return `${broken.length === 0 ? 'ok ' : 'NO '}${name.padEnd(width)}${figures}  ${errorsOf(row)}`;
}

function errorsOf({ errors }: FaultRow): string {
  const sorted = Object.entries(errors).sort(([, one], [, other]) => other - one);
  return sorted.map(([code, times]) => `${code} ${times}`).join(', ');
}

/** What does not hold, with some of the operations, and the figures of single faults. */
export function detailsOf(rows: readonly FaultRow[]): string[] {
  return rows.flatMap(({ name, figures, broken, wrong, unsettled }) => [
    ...figures.map((figure) => `${name}: ${figure}`),
    ...broken.map((why) => `${name}: DOES NOT HOLD: ${why}`),
    ...wrong
      .slice(0, SHOWN)
      .map(({ op, kind, what, words }) => `  operation ${op}, ${kind}: ${what}: ${words}`),
    ...unsettled.slice(0, SHOWN).map((words) => `  operation ${words}`),
  ]);
}

const SHOWN = 8;

export function summaryOf(rows: readonly FaultRow[], seed: number): string {
  const sum = (of: (row: FaultRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const operations = sum((row) => row.operations);
  const bad = rows.filter(({ broken }) => broken.length > 0).length;
  return [
    `${rows.length} faults, ${operations} operations, ${sum(({ struck }) => struck)} struck, ${sum(({ wrong }) => wrong.length)} told wrong, ${sum(({ unsettled }) => unsettled.length)} unsettled`,
    bad === 0 ? 'all rows hold' : `${bad} rows do not hold`,
    `seed ${seed} (CDB_FAULTS_SEED)`,
  ].join('\n');
}
