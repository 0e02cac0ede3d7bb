import { exactNumber } from '../../consolidated/values/exact-number.ts';

/** No shorter number has more digits than a JavaScript number keeps. */
const MAY_BE_WIDE = /[\d.]{16}/;
/** A long text is read in a few steps, not in one for each character. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|-?\d[\d.eE+-]*/gs;
/** Rows are objects in an array. */
const COLUMN_DEPTH = 2;

/**
 * Whether JSON of rows has a number in a column, or in the value of a function, that `JSON.parse` would round. Numbers inside
 * arrays, json and composites may be rounded, as there what is a bigint and what is JSON's own cannot be told apart.
 */
export function hasWideNumber(text: string): boolean {
  if (!MAY_BE_WIDE.test(text)) return false;
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    const first = token[0];
    if (first === '[' || first === '{') depth++;
    else if (first === ']' || first === '}') depth--;
    else if (first !== '"' && depth <= COLUMN_DEPTH && exactNumber(token) === undefined) return true;
  }
  return false;
}
