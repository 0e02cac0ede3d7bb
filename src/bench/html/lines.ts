import type { BenchRow } from '../bench-row.ts';
import { figure, line, logScale, place, RIGHT, short, text, told, WIDTH } from './figure.ts';
import { className, type Legend } from './legend.ts';

const LEFT = 44;
const HEIGHT = 190;
const BOTTOM = 22;

interface LinePlot<Row extends BenchRow> {
  readonly title: string;
  readonly axes: string;
  readonly x: (row: Row) => number;
  readonly y: (row: Row) => number;
  /** Of `y`, for what a pointer shows. */
  readonly unit: string;
}

/** One line for each contender; steps of `x` are as wide as each other, `y` is logarithmic. */
export function lines<Row extends BenchRow>(
  rows: readonly Row[],
  legend: Legend,
  { title, axes, x, y, unit }: LinePlot<Row>,
): string {
  const steps = [...new Set(rows.map(x))].sort((a, b) => a - b);
  const across = (value: number) =>
    LEFT + 14 + (steps.indexOf(value) / Math.max(1, steps.length - 1)) * (WIDTH - LEFT - RIGHT - 28);
  const scale = logScale(rows.map(y), HEIGHT - BOTTOM, 8);
  const grid = scale.marks.flatMap((mark) => [
    line(LEFT, scale.at(mark), WIDTH - RIGHT, scale.at(mark), 'grid'),
    text(LEFT - 6, scale.at(mark) + 4, short(mark), 'class="faint" text-anchor="end"'),
  ]);
  const ticks = steps.map((step) =>
    text(across(step), HEIGHT - 6, short(step), 'class="faint" text-anchor="middle"'),
  );
  const contenders = [...new Set(rows.map(({ contender }) => contender))];
  const curves = contenders.flatMap((contender) => {
    const points = rows.filter((row) => row.contender === contender).sort((a, b) => x(a) - x(b));
    const path = points.map((row) => `${place(across(x(row)))},${place(scale.at(y(row)))}`).join(' ');
    return [
      `<g class="${className(legend, contender)}">`,
      `<polyline class="stroke" points="${path}"/>`,
      ...points.map(
        (row) =>
          `<circle class="fill" cx="${place(across(x(row)))}" cy="${place(scale.at(y(row)))}" r="3.5">${told(`${contender}, ${short(x(row))}: ${Number(y(row).toPrecision(3))} ${unit}`)}</circle>`,
      ),
      '</g>',
    ];
  });
  return figure(title, axes, HEIGHT, [...grid, ...ticks, ...curves]);
}
