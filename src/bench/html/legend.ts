import { escaped } from './escaped.ts';

/** Who is shown on a page: each has the colour of its place in the list. */
export interface Legend {
  readonly contenders: readonly string[];
  /** The one that others are compared with. */
  readonly baseline: string | undefined;
}

/** For light and for dark pages: told apart on white and on black, also by those who see fewer colours. */
const COLORS = [
  ['#0b6e4f', '#3ddc97'],
  ['#6a994e', '#a7c957'],
  ['#8d6e63', '#bcaaa4'],
  ['#3a5bd9', '#8ea6ff'],
  ['#b8336a', '#ff8ab8'],
  ['#d97706', '#fdba74'],
  ['#6b7280', '#c3c8d2'],
  ['#0e7490', '#67e8f9'],
  ['#7c3aed', '#c4b5fd'],
  ['#a16207', '#fde047'],
  ['#b91c1c', '#fca5a5'],
  ['#4d7c0f', '#bef264'],
  ['#9d174d', '#f9a8d4'],
  ['#1e40af', '#93c5fd'],
  ['#115e59', '#5eead4'],
  ['#44403c', '#e7e5e4'],
] as const;

/** The class of all marks of a contender. By its place, because a name may hold anything. */
export function className({ contenders }: Legend, contender: string): string {
  return `c-${contenders.indexOf(contender)}`;
}

/** The rules of the style sheet that colour the marks. */
export function colorRules({ contenders }: Legend, theme: 'light' | 'dark'): string {
  return contenders
    .map((_, at) => `.c-${at} { color: ${COLORS[at % COLORS.length]![theme === 'light' ? 0 : 1]} }`)
    .join('\n');
}

/** @param shown - those that took part */
export function legendList(legend: Legend, shown: readonly string[]): string {
  const items = shown.map((name) => `<li class="${className(legend, name)}">● <b>${escaped(name)}</b></li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}
