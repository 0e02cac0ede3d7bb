import { escaped } from './escaped.ts';

/** As wide as a phone, so that its text keeps its size there; a wider window shows several beside each other. */
export const WIDTH = 340;
export const LEFT = 104;
export const RIGHT = 14;
/** Letters about half as wide as the others. */
const NARROW = /[a-ln-vx-z0-9._ -]/;

/** A drawing with a title, and a text that says what its axes are in which unit. */
export function figure(title: string, axes: string, height: number, marks: readonly string[]): string {
  return [
    '<figure>',
    `<figcaption><b>${escaped(title)}</b><br><span class="faint">${escaped(axes)}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(`${title}: ${axes}`)}">`,
    ...marks,
    '</svg>',
    '</figure>',
  ].join('\n');
}

export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${place(x)}" y="${place(y)}" ${attributes}>${escaped(content)}</text>`;
}

/** The name of a row, left of its marks. A long one is cut; what a pointer shows has all of it. */
export function rowTitle(y: number, name: string): string {
  return text(LEFT - 8, y, fitting(name), 'text-anchor="end"');
}

function fitting(name: string): string {
  const letters = [...name];
  let width = 0;
  const fit = letters.findIndex((letter) => {
    width += NARROW.test(letter) ? 6.2 : 12;
    return width > LEFT - 10;
  });
  return fit === -1 ? name : `${letters.slice(0, fit - 1).join('')}…`;
}

export function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"/>`;
}

/** Shown when a pointer rests on the mark, and read out. */
export function told(content: string): string {
  return `<title>${escaped(content)}</title>`;
}

export function place(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** From a value to a position, with the values that are worth a line: powers of ten. */
interface LogScale {
  readonly at: (value: number) => number;
  readonly marks: readonly number[];
}

export function logScale(values: readonly number[], from: number, to: number): LogScale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    marks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)),
  };
}

/** `12 k` for 12,000, and no more digits than an axis needs. */
export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(2))} M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(2))} k`;
  return String(Number(value.toPrecision(2)));
}
