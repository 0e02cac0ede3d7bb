import { ServiceError } from '../../contract/errors.ts';

/** Maximum number of arguments of a Postgres function. */
export const MAX_ARGUMENTS = 100;

/** The answer of a statement in document form: `[nonce, rows, nonce]`, or `[nonce, count, rows | null, nonce]`. */
export interface ResultDocument {
  readonly nonce: string;
  /** Rows that the statement returned or affected. */
  readonly count: number;
  /** Null if no rows were requested. */
  readonly rows: readonly unknown[] | null;
}

/**
 * SQL text of one row of a document: `json_build_array(…)` of expressions that codecs prepared. More than
 * 100 are nested in groups of 100, which `rowDecoder` undoes.
 */
export function documentRow(expressions: readonly string[]): string {
  if (expressions.length <= MAX_ARGUMENTS) return `json_build_array(${expressions.join(', ')})`;
  const groups: string[] = [];
  for (let start = 0; start < expressions.length; start += MAX_ARGUMENTS) {
    groups.push(`json_build_array(${expressions.slice(start, start + MAX_ARGUMENTS).join(', ')})`);
  }
  return `json_build_array(${groups.join(', ')})`;
}

/**
 * Reads a document. Numbers with more digits than a double are rounded, unless `revive` handles them;
 * it may also replace `count`.
 *
 * Throws ServiceError `PROTOCOL` with outcome `unknown` for anything else.
 */
export function parseDocument(
  text: string,
  revive?: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
): ResultDocument {
  const document = parse(text, revive);
  if (!Array.isArray(document)) throw unreadable();
  const [nonce, second, third] = document as readonly unknown[];
  if (typeof nonce !== 'string' || document.at(-1) !== nonce) throw unreadable();
  if (document.length === 3 && Array.isArray(second)) return { nonce, count: second.length, rows: second };
  const count = Number(second);
  if (document.length !== 4 || !Number.isInteger(count) || !(third === null || Array.isArray(third))) {
    throw unreadable();
  }
  return { nonce, count, rows: third };
}

function parse(text: string, revive: Parameters<typeof parseDocument>[1]): unknown {
  try {
    return revive === undefined ? JSON.parse(text) : JSON.parse(text, revive);
  } catch {
    // Without the cause: V8 quotes the text, which is data.
    throw unreadable();
  }
}

function unreadable(): ServiceError {
  return new ServiceError('The server sent a result document that cannot be read.', {
    code: 'PROTOCOL',
    outcome: 'unknown',
  });
}
