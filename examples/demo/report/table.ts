import type { Outcome, StepResult } from '../step-result.ts';
import { count, milliseconds, type Paint, shorten, WIDTH, wrap } from './format.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** Widths are fixed, because a row is printed before the next one is known. */
const COLUMNS = [
  { title: '', width: 1, align: 'left' },
  { title: '#', width: 3, align: 'right' },
  { title: 'step', width: 37, align: 'left' },
  { title: 'as', width: 9, align: 'left' },
  { title: 'mode', width: 11, align: 'left' },
  { title: 'ms', width: 6, align: 'right' },
  { title: 'rows', width: 7, align: 'right' },
] as const satisfies readonly Column[];

const GAP = ' ';
const INDENT = ' '.repeat(COLUMNS[0].width + COLUMNS[1].width + 2 * GAP.length);

export const TITLE_WIDTH = COLUMNS[2].width;

/** The two lines above the first row. */
export function tableHead(paint: Paint): string {
  const titles = line(COLUMNS.map((column) => pad(column.title, column)));
  const rules = line(COLUMNS.map((column) => '─'.repeat(column.width)));
  return `${paint.strong(titles)}\n${paint.faint(rules)}`;
}

/** One row, with the note or the problem of the step on separate lines below it. */
export function tableRow(result: StepResult, paint: Paint): string {
  const { outcome, rows } = result;
  const cells = [
    MARKS[outcome],
    String(result.number),
    result.title,
    result.as,
    modeOf(result.modes),
    outcome === 'left out' ? '' : milliseconds(result.milliseconds),
    INSTEAD_OF_ROWS[outcome] ?? (rows === undefined ? '' : count(rows)),
  ];
  const padded = COLUMNS.map((column, i) => pad(shorten(cells[i] ?? '', column.width), column));
  const marked = padded.map((cell, i) => (i === 0 ? colourOf(outcome, paint)(cell) : cell));
  return [line(marked), ...below(result, paint)].join('\n');
}

const MARKS: Readonly<Record<Outcome, string>> = { ok: '✓', refused: '✓', failed: '✗', 'left out': '-' };

const INSTEAD_OF_ROWS: Readonly<Partial<Record<Outcome, string>>> = { refused: 'refused', failed: 'FAILED' };

function colourOf(outcome: Outcome, paint: Paint): (text: string) => string {
  switch (outcome) {
    case 'ok':
    case 'refused':
      return paint.good;
    case 'failed':
      return paint.bad;
    case 'left out':
      return paint.warn;
  }
}

function modeOf(modes: readonly string[]): string {
  if (modes.length === 0) return '·';
  return modes.length === 1 ? (modes[0] ?? '') : 'several';
}

function below(result: StepResult, paint: Paint): readonly string[] {
  const text = result.problem ?? result.note;
  if (text === undefined) return [];
  const colour = result.outcome === 'failed' ? paint.bad : paint.faint;
  return wrap(text, WIDTH - INDENT.length).map((part) => INDENT + colour(part));
}

function line(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd();
}

function pad(text: string, column: Column): string {
  return column.align === 'left' ? text.padEnd(column.width) : text.padStart(column.width);
}
