import { type BenchRow, roundRatios } from '../bench-row.ts';
import { ratioOf } from '../ratio.ts';
import { figure, LEFT, place, RIGHT, rowTitle, short, text, told, WIDTH } from './figure.ts';
import { className, type Legend } from './legend.ts';

const ROW = 24;

/** Calls a second of each contender in one group, with how many times more the baseline does. */
export function throughputBars(title: string, rows: readonly BenchRow[], legend: Legend): string {
  const base = rows.find(({ contender }) => contender === legend.baseline);
  const most = Math.max(...rows.map(({ perSecond }) => perSecond));
  const room = WIDTH - LEFT - RIGHT - 92;
  const marks = rows.flatMap((row, at) => {
    const y = at * ROW + 4;
    const length = Math.max(1, (row.perSecond / most) * room);
    const versus = base === undefined || base === row ? '' : ` · ${timesOf(base, row)}`;
    return [
      rowTitle(y + 13, row.contender),
      `<rect class="fill ${className(legend, row.contender)}" x="${LEFT}" y="${place(y)}" width="${place(length)}" height="16" rx="2">${told(`${row.contender}: ${Math.round(row.perSecond)} calls a second`)}</rect>`,
      text(LEFT + length + 6, y + 13, `${short(row.perSecond)}${versus}`, 'class="faint"'),
    ];
  });
  const axes = `calls a second${base === undefined || rows.length < 2 ? '' : `; behind the dot: ${base.contender} against it`}`;
  return figure(title, axes, rows.length * ROW + 8, marks);
}

function timesOf(base: BenchRow, other: BenchRow): string {
  const { ratio, difference } = ratioOf(roundRatios('perSecond', base, other));
  return difference === 'none' ? 'no difference' : `${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(1)}×`;
}
