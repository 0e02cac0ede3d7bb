import { UsageError } from '../contract/errors.ts';

export type MatrixCommand = 'select' | 'insert' | 'update' | 'delete';

/** What a cell says. */
export type Expected =
  | { readonly kind: 'allow' | 'deny' | MatrixRefusal }
  | { readonly kind: 'rows'; readonly count: number }
  | { readonly kind: 'named'; readonly names: ReadonlySet<string> };

/** Why a command was not carried out. */
export type MatrixRefusal = 'no grant' | 'row refused' | 'constraint';

/** One line of the matrix: a command on a table. */
export interface ExpectedLine {
  readonly table: string;
  readonly command: MatrixCommand;
  /** The command and what tells it from other lines of it, such as `insert for another`. */
  readonly label: string;
  /** By the names of the columns: the text and what it means. */
  readonly cells: ReadonlyMap<string, { readonly text: string; readonly expected: Expected }>;
}

const WORDS = new Set(['allow', 'deny', 'no grant', 'row refused', 'constraint'] as const);
type Word = typeof WORDS extends Set<infer Member> ? Member : never;
const isWord = (text: string): text is Word => (WORDS as ReadonlySet<string>).has(text);

/**
 * Reads the text of a matrix: cells between `|`, a header, a line for each command.
 *
 * @param columns - the names of all identities, each of which must be in the header
 * @param rows - the names of rows by table
 * @throws UsageError `INVALID_MATRIX`
 */
export function parseMatrix(
  text: string,
  columns: readonly string[],
  rows: ReadonlyMap<string, ReadonlySet<string>>,
): readonly ExpectedLine[] {
  const [header, ...body] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[-|\s:]+$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  // The first cell of a line is blank where it begins with `|`.
  const names = header?.slice(2) ?? [];
  checkHeader(names, columns);
  let table = '';
  const lines = body.map((cells): ExpectedLine => {
    const [first = '', label = '', ...texts] = cells;
    table = first === '' ? table : first;
    const where = `'${table} | ${label}'`;
    if (table === '') throw invalidMatrix(`The line ${where} has no table, and there is none above it.`);
    if (texts.length !== names.length) {
      throw invalidMatrix(
        `The line ${where} has ${texts.length} cells. It must have ${names.length}, as the header.`,
      );
    }
    return {
      table,
      label,
      command: commandOf(label, where),
      cells: new Map(
        names.map((name, i) => {
          const cell = texts[i] ?? '';
          return [
            name,
            { text: cell, expected: readCell(cell, rows.get(table), `${where}, column '${name}'`) },
          ];
        }),
      ),
    };
  });
  checkTwice(lines);
  return lines;
}

function checkHeader(names: readonly string[], columns: readonly string[]): void {
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw invalidMatrix(`The header of the matrix lacks the column ${missing.map(quoted).join(', ')}.`);
  }
  const unknown = names.find((name, i) => !columns.includes(name) || names.indexOf(name) !== i);
  if (unknown !== undefined) {
    throw invalidMatrix(
      `The header of the matrix has '${unknown}', which is unknown or comes twice. Its columns are ${columns.map(quoted).join(', ')}.`,
    );
  }
}

function checkTwice(lines: readonly ExpectedLine[]): void {
  const seen = new Set<string>();
  for (const { table, label } of lines) {
    const key = `${table} | ${label}`;
    if (seen.has(key)) throw invalidMatrix(`The matrix has the line '${key}' twice.`);
    seen.add(key);
  }
}

function commandOf(label: string, where: string): MatrixCommand {
  const [word, ...further] = label.split(' ');
  if (word === 'insert' || word === 'update') return word;
  if ((word === 'select' || word === 'delete') && further.length === 0) return word;
  throw invalidMatrix(
    `The command of the line ${where} must be select, insert, update or delete; a label may follow insert and update.`,
  );
}

function readCell(text: string, rows: ReadonlySet<string> | undefined, where: string): Expected {
  if (isWord(text)) return { kind: text };
  if (/^\d+$/.test(text)) return { kind: 'rows', count: Number(text) };
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const unknown = names.find((name) => rows?.has(name) !== true);
  if (names.length === 0 || unknown !== undefined) {
    const known =
      rows === undefined || rows.size === 0 ? '' : `, or rows of ${[...rows].map(quoted).join(', ')}`;
    throw invalidMatrix(
      `The cell '${text}' (line ${where}) must be a number of rows or one of ${[...WORDS].join(', ')}${known}.`,
    );
  }
  return { kind: 'named', names: new Set(names) };
}

function quoted(name: string): string {
  return `'${name}'`;
}

export function invalidMatrix(message: string): UsageError {
  return new UsageError(message, { code: 'INVALID_MATRIX' });
}
