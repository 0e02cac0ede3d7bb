import { columnsChanged } from './columns-changed.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/**
 * Reads Postgres' text of an array, of any number of dimensions. Lower bounds, as in `[0:1]={1,2}`, are
 * dropped: JavaScript's arrays, and JSON's, have none.
 */
export function parseArray(text: string, delimiter: string, element: (text: string) => unknown): unknown[] {
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  return (
    parseFlat(text, start, delimiter, element) ?? new ArrayReader(text, start, delimiter, element).read()
  );
}

/** One dimension without quotes, such as most arrays of numbers; undefined if it is not. */
function parseFlat(
  text: string,
  start: number,
  delimiter: string,
  element: (text: string) => unknown,
): unknown[] | undefined {
  const separator = delimiter.charCodeAt(0);
  const end = text.length - 1;
  if (text.charCodeAt(start) !== OPEN || text.charCodeAt(end) !== CLOSE) throw columnsChanged();
  if (end === start + 1) return [];
  const items: unknown[] = [];
  let from = start + 1;
  for (let at = from; at <= end; at++) {
    const code = text.charCodeAt(at);
    if (code === separator || at === end) {
      const item = text.slice(from, at);
      items.push(item === 'NULL' ? null : element(item));
      from = at + 1;
    } else if (code === QUOTE || code === OPEN || code === BACKSLASH) return undefined;
  }
  return items;
}

class ArrayReader {
  readonly #text: string;
  readonly #separator: number;
  readonly #element: (text: string) => unknown;
  #at: number;

  constructor(text: string, start: number, delimiter: string, element: (text: string) => unknown) {
    this.#text = text;
    this.#at = start;
    this.#separator = delimiter.charCodeAt(0);
    this.#element = element;
  }

  read(): unknown[] {
    const result = this.#array();
    if (this.#at !== this.#text.length) throw columnsChanged();
    return result;
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    if (this.#text.charCodeAt(this.#at) === CLOSE) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#item());
      const next = this.#text.charCodeAt(this.#at++);
      if (next === CLOSE) return items;
      if (next !== this.#separator) throw columnsChanged();
    }
  }

  #item(): unknown {
    const first = this.#text.charCodeAt(this.#at);
    if (first === OPEN) return this.#array();
    if (first === QUOTE) return this.#element(this.#quoted());
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === this.#separator || code === CLOSE) break;
      this.#at++;
    }
    const bare = this.#text.slice(start, this.#at);
    return bare === 'NULL' ? null : this.#element(bare);
  }

  #quoted(): string {
    let from = this.#at + 1;
    let out = '';
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return out + this.#text.slice(from, at);
      }
      if (code === BACKSLASH) {
        out += this.#text.slice(from, at);
        from = ++at;
      }
    }
    throw columnsChanged();
  }
}
