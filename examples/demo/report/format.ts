/** What a terminal shows without breaking lines. Nothing that the demo prints is wider. */
export const WIDTH = 80;

/** Colours by name; with `off`, text is unchanged. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const identity = (text: string): string => text;

export const plain: Paint = {
  good: identity,
  bad: identity,
  warn: identity,
  faint: identity,
  strong: identity,
};

const ansi =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

export const coloured: Paint = {
  good: ansi(32, 39),
  bad: ansi(31, 39),
  warn: ansi(33, 39),
  faint: ansi(2, 22),
  strong: ansi(1, 22),
};

/** Colours only at a terminal, and not with NO_COLOR (https://no-color.org). */
export function paintFor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const refused = (environment.NO_COLOR ?? '') !== '';
  return isTerminal && !refused ? coloured : plain;
}

/** `0.8`, `12.3`, `1,234`: three significant places where there are that many. */
export function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : count(value);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Cut to `width` characters, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Breaks at spaces into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
