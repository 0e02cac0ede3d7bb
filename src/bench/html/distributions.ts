import type { BenchRow } from '../bench-row.ts';
import { QUANTILES } from '../slice.ts';
import { figure, LEFT, line, logScale, place, RIGHT, rowTitle, short, text, told, WIDTH } from './figure.ts';
import { className, type Legend } from './legend.ts';

const ROW = 24;

/** How long the calls of each contender took: most of them, the middle half, the middle one, and the slowest. */
export function latencyDistributions(title: string, rows: readonly BenchRow[], legend: Legend): string {
  const ms = (row: BenchRow, share: (typeof QUANTILES)[number]) =>
    Math.max(0.001, row.quantilesUs[QUANTILES.indexOf(share)]! / 1e3);
  const bottom = rows.length * ROW + 4;
  const scale = logScale(
    rows.flatMap((row) => [ms(row, 0.05), ms(row, 0.99)]),
    LEFT,
    WIDTH - RIGHT,
  );
  const grid = scale.marks.flatMap((mark) => [
    line(scale.at(mark), 0, scale.at(mark), bottom, 'grid'),
    text(scale.at(mark), bottom + 14, short(mark), 'class="faint" text-anchor="middle"'),
  ]);
  const strips = rows.flatMap((row, at) => {
    const y = at * ROW + 14;
    const [from, low, middle, high, to, last] = ([0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const).map((share) =>
      scale.at(ms(row, share)),
    ) as [number, number, number, number, number, number];
    const about = `${row.contender}: half of the calls within ${ms(row, 0.5).toFixed(2)} ms, 95 of 100 within ${ms(row, 0.95).toFixed(2)}, 99 within ${ms(row, 0.99).toFixed(2)}`;
    return [
      rowTitle(y + 4, row.contender),
      `<g class="${className(legend, row.contender)}">${told(about)}`,
      line(from, y, to, y, 'stroke'),
      `<rect class="fill" x="${place(low)}" y="${y - 5}" width="${place(Math.max(1, high - low))}" height="10" rx="2"/>`,
      `<rect class="middle" x="${place(middle - 1)}" y="${y - 7}" width="2" height="14"/>`,
      `<circle class="fill" cx="${place(last)}" cy="${y}" r="3"/>`,
      '</g>',
    ];
  });
  return figure(
    title,
    'milliseconds, logarithmic; line 5 to 95 %, box the middle half, dot 99 %',
    bottom + 20,
    [...grid, ...strips],
  );
}
