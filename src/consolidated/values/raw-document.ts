import { own, setOwn } from '../../contract/own-property.ts';
import type { DecodeOptions } from './codec.ts';
import { parseDocument, type ResultDocument } from './document.ts';
import { exactNumber, numberTooLarge } from './exact-number.ts';
import { leafOf } from './leaf-type.ts';
import type { Row } from './row-decoder.ts';
import type { TypeInfo } from './type-info.ts';

export interface DescribedColumn {
  readonly name: string;
  readonly type: TypeInfo;
}

interface RawDocument extends ResultDocument {
  readonly rows: readonly Row[] | null;
}

/** Shorter numbers have at most 15 digits, which a double keeps. It may also match inside texts. */
const LONG_NUMBER_LENGTH = 16;
const LONG_NUMBER = /[\d.]{16}/;

/**
 * Reads the document of raw SQL: `[nonce, count, rows, nonce]`, where the rows are objects from
 * `json_agg(t.*)`.
 *
 * JSON prints bigint and numeric with all their digits, and `JSON.parse` would round them silently.
 * So a number that does not survive the way through JavaScript's is looked at again: those of json are rounded, as
 * `JSON.parse` reads them, and all others refused, within arrays and composites too. With `largeNumbers: 'string'` the
 * types of the columns decide about every number.
 *
 * Throws UnreadableDataError `NUMBER_TOO_LARGE`, which names the column.
 *
 * @param describe gets the columns of the statement, as they are now; called only if types are needed, so it may
 * cost a round trip
 */
export async function decodeRawDocument(
  text: string,
  options: DecodeOptions,
  describe: () => Promise<readonly DescribedColumn[]>,
): Promise<RawDocument> {
  const allNumbers = options.largeNumbers === 'string';
  if (!allNumbers && !LONG_NUMBER.test(text)) return parseDocument(text) as RawDocument;
  const sourced = parseSourced(text, allNumbers ? 0 : LONG_NUMBER_LENGTH);
  const ofTheCount = allNumbers ? 1 : 0;
  if (sourced.found === ofTheCount) return sourced.document;
  const columns = new Map((await describe()).map(({ name, type }) => [name, leafOf(type)]));
  for (const row of sourced.document.rows ?? []) {
    for (const name of Object.keys(row)) {
      setOwn(row, name, resolve(row[name], columns.get(name), options, name));
    }
  }
  return sourced.document;
}

/** A number whose column type is not known yet. */
class SourcedNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  /** Lets the row count, which has no column type, be read as a number. */
  valueOf(): number {
    return Number(this.source);
  }
}

function parseSourced(
  text: string,
  minimumLength: number,
): { readonly document: RawDocument; readonly found: number } {
  let found = 0;
  // Engines since Node 22 pass the source text of a primitive to the reviver; it is used only for numbers.
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || source.length < minimumLength) return value;
    // A double is printed with the digits that make it again.
    if (minimumLength > 0 && exactNumber(source) !== undefined) return value;
    found++;
    return new SourcedNumber(source);
  };
  return { document: parseDocument(text, revive) as RawDocument, found };
}

/** What is in json is json. */
type Leaf = TypeInfo | 'json' | undefined;

/**
 * Replaces each `SourcedNumber` with the value for its type. `leaf` is neither an array nor a domain, so
 * that it is the same for all dimensions of an array; undefined where nobody knows it.
 */
function resolve(value: unknown, leaf: Leaf, options: DecodeOptions, column: string): unknown {
  if (value instanceof SourcedNumber) return resolveNumber(value.source, leaf, options, column);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      value[index] = resolve(value[index], leaf, options, column);
    }
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Row;
    for (const name of Object.keys(object)) {
      setOwn(object, name, resolve(object[name], within(leaf, name), options, column));
    }
  }
  return value;
}

/** The type of a property: that of an attribute, where the object is a composite. */
function within(leaf: Leaf, name: string): Leaf {
  if (leaf === undefined || leaf === 'json') return leaf;
  if (leaf.kind !== 'composite') return isOwn(leaf) ? 'json' : undefined;
  const attribute = own(leaf, 'attributes')?.find((candidate) => candidate.name === name);
  return attribute && leafOf(attribute.type);
}

/** Made by a cast to json, of Postgres or of an extension. */
function isOwn(leaf: TypeInfo): boolean {
  return leaf.schema !== 'pg_catalog' || leaf.name === 'json' || leaf.name === 'jsonb';
}

function resolveNumber(source: string, leaf: Leaf, options: DecodeOptions, column: string): number | string {
  if (leaf === 'json' || (leaf !== undefined && leaf.kind === 'base' && isOwn(leaf))) return Number(source);
  const isDecimal = leaf?.schema === 'pg_catalog' && (leaf.name === 'int8' || leaf.name === 'numeric');
  if (isDecimal && options.largeNumbers === 'string') return source;
  const number = exactNumber(source);
  if (number === undefined) throw numberTooLarge(column);
  return number;
}
