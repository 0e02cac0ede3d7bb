/**
 * The grammar of a request's query, as PostgREST reads it:
 * https://docs.postgrest.org/en/v14/references/api/url_grammar.html and the parsers of its `ApiRequest/QueryParams.hs`.
 */

export type Operand =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly kind: 'is'; readonly value: string };

export interface Filter {
  readonly kind: 'filter';
  readonly column: string;
  readonly negated: boolean;
  readonly operator: string;
  /** Text search configuration. */
  readonly config: string | undefined;
  readonly operand: Operand;
}

export interface Logic {
  readonly kind: 'and' | 'or';
  readonly negated: boolean;
  readonly parts: readonly (Filter | Logic)[];
}

export interface OrderTerm {
  readonly column: string;
  readonly direction: 'asc' | 'desc' | undefined;
  readonly nulls: 'first' | 'last' | undefined;
}

/** PGRST100: what the grammar does not know. */
export class GrammarError extends Error {}

const COMPARISONS: ReadonlySet<string> = new Set(
  'eq neq gt gte lt lte like ilike match imatch cs cd ov sl sr nxl nxr adj isdistinct'.split(' '),
);
const SEARCHES: ReadonlySet<string> = new Set(['fts', 'plfts', 'phfts', 'wfts']);
const TRILEAN: ReadonlySet<string> = new Set(['null', 'true', 'false', 'unknown']);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  expect(literal: string): void {
    if (!this.take(literal)) throw this.#unexpected(`expecting "${literal}"`);
  }

  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, 'uy');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** What `read` makes of the text, or nothing, and then nothing is consumed. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const start = this.#at;
    const value = read();
    if (value === undefined) this.#at = start;
    return value;
  }

  /** `"…"`, in which a backslash makes the next character plain. */
  quoted(): string | undefined {
    return this.attempt(() => {
      const found = this.match(/"(?:[^"\\]|\\[\s\S])*"/);
      return found?.slice(1, -1).replace(/\\([\s\S])/g, '$1');
    });
  }

  name(): string {
    const name = this.quoted() ?? this.match(/[\p{L}\p{N}_ $]+(?:-(?!>)[\p{L}\p{N}_ $]+)*/u)?.trim();
    if (name === undefined || name === '') throw this.#unexpected('expecting a field name');
    return name;
  }

  rest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return rest;
  }

  /** A value inside `or`, `and` and `in`, which ends at a comma or a parenthesis unless it is quoted whole. */
  element(mayBeArray: boolean): string {
    const quoted = this.attempt(() => {
      const text = this.quoted();
      return this.isAtEnd || /[,)]/.test(this.#text[this.#at]!) ? text : undefined;
    });
    if (quoted !== undefined) return quoted;
    const array = mayBeArray ? this.match(/\{[^{}]*\}/) : undefined;
    return array ?? this.match(/[^,)]*/) ?? '';
  }

  end(): void {
    if (!this.isAtEnd) throw this.#unexpected('expecting the end of input');
  }

  #unexpected(what: string): GrammarError {
    return new GrammarError(
      `column ${this.#at + 1}: unexpected "${this.#text.slice(this.#at, this.#at + 1)}", ${what}`,
    );
  }
}

/** `not.`, an operator, and its operand. At the top level the operand is all that follows, quotes included. */
function operation(reader: Reader, column: string, inTree: boolean): Filter {
  const negated = reader.take('not.');
  const operator = reader.match(/[a-z]+/) ?? '';
  const config = SEARCHES.has(operator) ? reader.match(/\([\p{L}\p{N}_ $]+\)/u)?.slice(1, -1) : undefined;
  reader.expect('.');
  const filter = { kind: 'filter', column, negated, operator, config } as const;
  if (operator === 'in') return { ...filter, operand: { kind: 'list', values: list(reader) } };
  if (operator === 'is') {
    const value = reader.match(/[a-zA-Z_]+/)?.toLowerCase() ?? '';
    if (!TRILEAN.has(value)) throw new GrammarError(`unexpected "${value}", expecting null or trilean value`);
    return { ...filter, operand: { kind: 'is', value } };
  }
  if (!COMPARISONS.has(operator) && !SEARCHES.has(operator)) {
    throw new GrammarError(`unknown single value operator ${operator}`);
  }
  const value = inTree ? reader.element(true) : reader.rest();
  return { ...filter, operand: { kind: 'value', value } };
}

function list(reader: Reader): readonly string[] {
  const values: string[] = [];
  reader.expect('(');
  do values.push(reader.element(false));
  while (reader.take(','));
  reader.expect(')');
  return values;
}

function tree(reader: Reader): Filter | Logic {
  const head = reader.attempt(() => {
    const negated = reader.take('not.');
    const kind = reader.match(/(?:and|or)(?=\()/);
    return kind === undefined ? undefined : { kind: kind as 'and' | 'or', negated };
  });
  if (head === undefined) {
    const column = reader.name();
    reader.expect('.');
    return operation(reader, column, true);
  }
  const parts: (Filter | Logic)[] = [];
  reader.expect('(');
  do parts.push(tree(reader));
  while (reader.take(','));
  reader.expect(')');
  return { ...head, parts };
}

/** `?or=(a.eq.1,b.is.null)`, also with `and`, `not.or` and `not.and` as its key. */
export function readTree(key: string, value: string): Filter | Logic {
  const reader = new Reader(`${key}${value}`);
  const found = tree(reader);
  reader.end();
  return found;
}

/** `?a=eq.1`. */
export function readFilter(key: string, value: string): Filter {
  const names = new Reader(key);
  const column = names.name();
  names.end();
  const reader = new Reader(value);
  const found = operation(reader, column, false);
  reader.end();
  return found;
}

/** `?columns="a","b"`, `?on_conflict=a,b`, and `?select=a,b`, of which only names and `*` are known here. */
export function readNames(text: string): readonly string[] {
  const reader = new Reader(text);
  const names: string[] = [];
  do names.push(reader.take('*') ? '*' : reader.name());
  while (reader.take(','));
  reader.end();
  return names;
}

export function readOrder(text: string): readonly OrderTerm[] {
  const reader = new Reader(text);
  const terms: OrderTerm[] = [];
  do {
    const column = reader.name();
    const direction = reader.match(/\.(?:asc|desc)/)?.slice(1) as OrderTerm['direction'];
    const nulls = reader.match(/\.nulls(?:first|last)/)?.slice('.nulls'.length) as OrderTerm['nulls'];
    terms.push({ column, direction, nulls });
  } while (reader.take(','));
  reader.end();
  return terms;
}
