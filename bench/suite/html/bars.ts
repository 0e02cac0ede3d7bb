import { ratioOf } from '../ratio.ts';
import { roundRatios, type SuiteRow } from '../suite-row.ts';
import { figure, LEFT, place, RIGHT, short, text, told, WIDTH } from './figure.ts';

const ROW = 24;

/** Calls a second of each contender in one group, with how many times more ours does. */
export function throughputBars(title: string, rows: readonly SuiteRow[]): string {
  const ours = rows.find(({ contender }) => contender === 'consolidated-db');
  const most = Math.max(...rows.map(({ perSecond }) => perSecond));
  const room = WIDTH - LEFT - RIGHT - 92;
  const marks = rows.flatMap((row, at) => {
    const y = at * ROW + 4;
    const length = Math.max(1, (row.perSecond / most) * room);
    const versus = ours === undefined || ours === row ? '' : ` · ${timesOf(ours, row)}`;
    return [
      text(LEFT - 8, y + 13, row.contender, 'text-anchor="end"'),
      `<rect class="fill ${className(row)}" x="${LEFT}" y="${place(y)}" width="${place(length)}" height="16" rx="2">${told(`${row.contender}: ${Math.round(row.perSecond)} calls a second`)}</rect>`,
      text(LEFT + length + 6, y + 13, `${short(row.perSecond)}${versus}`, 'class="faint"'),
    ];
  });
  return figure(title, 'calls a second; behind the dot: ours against it', rows.length * ROW + 8, marks);
}

function timesOf(ours: SuiteRow, other: SuiteRow): string {
  const { ratio, difference } = ratioOf(roundRatios('perSecond', ours, other));
  return difference === 'none' ? 'no difference' : `${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(1)}×`;
}

export function className({ contender }: Pick<SuiteRow, 'contender'>): string {
  return `c-${contender.replace(/\W/g, '-')}`;
}
