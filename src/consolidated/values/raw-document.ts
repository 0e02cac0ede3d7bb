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
 * So if the text contains a number of 16 characters or more, the columns' types decide how to read it:
 * bigint and numeric follow `largeNumbers`, also within arrays and composites; double precision and
 * json are read as `JSON.parse` reads them.
 *
 * Throws UnreadableDataError `NUMBER_TOO_LARGE`, which names the column.
 *
 * @param describe gets the columns of the statement; called only if types are needed, so it may
 * cost a round trip. It gets the names of the columns, because a cached answer is only valid for these names
 */
export async function decodeRawDocument(
  text: string,
  options: DecodeOptions,
  describe: (names: readonly string[]) => Promise<readonly DescribedColumn[]>,
): Promise<RawDocument> {
  const allNumbers = options.largeNumbers === 'string';
  if (!allNumbers && !LONG_NUMBER.test(text)) return parseDocument(text) as RawDocument;
  const sourced = parseSourced(text, allNumbers ? 0 : LONG_NUMBER_LENGTH);
  const ofTheCount = allNumbers ? 1 : 0;
  if (sourced.found === ofTheCount) return sourced.document;
  const columns = new Map(
    (await describe(Object.keys(sourced.document.rows?.[0] ?? {}))).map(({ name, type }) => [
      name,
      leafOf(type),
    ]),
  );
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
    found++;
    return new SourcedNumber(source);
  };
  return { document: parseDocument(text, revive) as RawDocument, found };
}

/**
 * Replaces each `SourcedNumber` with the value for its type. `leaf` is neither an array nor a domain, so
 * that it is the same for all dimensions of an array; undefined within json.
 */
function resolve(
  value: unknown,
  leaf: TypeInfo | undefined,
  options: DecodeOptions,
  column: string,
): unknown {
  if (value instanceof SourcedNumber) return resolveNumber(value.source, leaf, options, column);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      value[index] = resolve(value[index], leaf, options, column);
    }
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Row;
    for (const name of Object.keys(object)) {
      const attribute = (leaf && own(leaf, 'attributes'))?.find((candidate) => candidate.name === name);
      setOwn(object, name, resolve(object[name], attribute && leafOf(attribute.type), options, column));
    }
  }
  return value;
}

function resolveNumber(
  source: string,
  leaf: TypeInfo | undefined,
  options: DecodeOptions,
  column: string,
): number | string {
  const decimal = leaf?.schema === 'pg_catalog' && (leaf.name === 'int8' || leaf.name === 'numeric');
  if (!decimal) return Number(source);
  if (options.largeNumbers === 'string') return source;
  const number = exactNumber(source);
  if (number === undefined) throw numberTooLarge(column);
  return number;
}
