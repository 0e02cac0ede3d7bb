import { textTable } from '../../src/bench/text-table.ts';
import type { VectorContender } from './contender.ts';
import { describeSet } from './search-set.ts';
import type { VectorRow } from './summary.ts';
import type { VectorVerdict } from './wanted.ts';

/** How each contender does the job. */
export function searchRecipes(contenders: readonly VectorContender[]): string[] {
  return textTable(
    [
      { title: 'contender', align: 'left' },
      { title: 'how it finds the nearest rows as an authenticated user', align: 'left' },
    ],
    contenders.map(({ name, recipe }) => [name, recipe]),
  );
}

/** A table for each limit; the rows are of one kind of data and one mode. */
export function searchLines(rows: readonly VectorRow[]): string[] {
  const limits = [...new Set(rows.map(({ limit }) => limit))];
  return limits.flatMap((limit) => {
    const some = rows.filter((row) => row.limit === limit);
    return ['', `${some[0]!.data} · ${some[0]!.mode} · limit ${limit}`, ...indented(tableOf(some))];
  });
}

function tableOf(rows: readonly VectorRow[]): string[] {
  const right = (title: string) => ({ title, align: 'right' as const });
  const left = (title: string) => ({ title, align: 'left' as const });
  return textTable(
    [
      left('own rows'),
      left('contender'),
      ...['recall', 'first calls', 'short', 'p50 ms', 'p95 ms', '÷ plain', '÷ exact'].map(right),
      left('plan'),
    ],
    rows.map((row, at) => [
      at > 0 && describeSet(rows[at - 1]!) === describeSet(row) ? '' : describeSet(row),
      row.contender,
      row.recall.toFixed(3),
      row.firstRecall.toFixed(3),
      row.short === 0 ? '' : String(row.short),
      milliseconds(row.p50Ms),
      milliseconds(row.p95Ms),
      times(row.timesPlain),
      times(row.timesExact),
      row.plan,
    ]),
  );
}

/** What was wanted, then each cell in which it was missed. */
export function searchVerdicts(verdicts: readonly VectorVerdict[]): string[] {
  if (verdicts.length === 0) return ['Nothing of what is wanted was measured in this run.'];
  const missed = verdicts.flatMap(({ what, wanted, cells }) =>
    cells.filter(({ kept }) => !kept).map(({ where, seen }) => [what, wanted, seen, where]),
  );
  const columns = [
    { title: 'what', align: 'left' },
    { title: 'wanted', align: 'right' },
    { title: 'worst', align: 'right' },
    { title: 'in', align: 'left' },
    { title: 'cells', align: 'right' },
    { title: 'verdict', align: 'left' },
  ] as const;
  const table = textTable(
    columns,
    verdicts.map(({ what, wanted, cells, kept }) => {
      const met = cells.filter((cell) => cell.kept).length;
      const { seen, where } = cells[0]!;
      return [what, wanted, seen, where, `${met} of ${cells.length}`, kept ? 'met' : 'MISSED'];
    }),
  );
  const lines = ['Wanted', ...indented(table)];
  if (missed.length === 0) return lines;
  const where = textTable([columns[0], columns[1], { title: 'seen', align: 'right' }, columns[3]], missed);
  return [...lines, '', 'Missed', ...indented(where)];
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function times(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(2)}×`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
