import { figure, line, logScale, place, RIGHT, short, text, told, WIDTH } from './figure.ts';
import { className, type Legend } from './legend.ts';

const LEFT = 44;
const HEIGHT = 190;
const BOTTOM = 22;
const TOP = 8;

interface Point {
  readonly contender: string;
  readonly x: number;
  /** From 0 to 1. */
  readonly share: number;
}

/** One point for each contender: the share upwards, `x` across and logarithmic. The best are at the top on the left. */
export function points(
  all: readonly Point[],
  legend: Legend,
  { title, axes, unit }: { readonly title: string; readonly axes: string; readonly unit: string },
): string {
  const scale = logScale(
    all.map(({ x }) => x),
    LEFT + 8,
    WIDTH - RIGHT - 8,
  );
  const up = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(LEFT, up(share), WIDTH - RIGHT, up(share), 'grid'),
    text(LEFT - 6, up(share) + 4, String(share), 'class="faint" text-anchor="end"'),
  ]);
  const ticks = scale.marks.flatMap((mark) => [
    line(scale.at(mark), TOP, scale.at(mark), HEIGHT - BOTTOM, 'grid'),
    text(scale.at(mark), HEIGHT - 6, short(mark), 'class="faint" text-anchor="middle"'),
  ]);
  const marks = all.map(
    ({ contender, x, share }) =>
      `<circle class="fill ${className(legend, contender)}" cx="${place(scale.at(x))}" cy="${place(up(share))}" r="5">${told(`${contender}: ${share.toFixed(3)} at ${Number(x.toPrecision(3))} ${unit}`)}</circle>`,
  );
  return figure(title, axes, HEIGHT, [...grid, ...ticks, ...marks]);
}
