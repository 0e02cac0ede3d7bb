import { DatabaseError } from '../../contract/errors.ts';
import { own, setOwn } from '../../contract/own-property.ts';
import { type Codec, identity, type PlainJson } from './codec.ts';
import { columnsChanged, FORMAT_CHANGED, formatChanged, isUnfitting } from './columns-changed.ts';
import { MAX_ARGUMENTS } from './document.ts';
import { NUMBER_TOO_LARGE, numberTooLarge } from './exact-number.ts';
import type { TypeInfo } from './type-info.ts';

export type Row = Record<string, unknown>;

export interface ResultColumn {
  readonly name: string;
  readonly codec: Codec;
  /** OID by which a typed reply describes it; undefined for what any type may stand for. */
  readonly type?: number | undefined;
  /** Its type, where its values hold composites: a reply describes these by more than an OID. */
  readonly composite?: TypeInfo | undefined;
}

/** Makes rows of one shape. Of columns with the same name, the last one is used. */
export interface RowDecoder {
  /**
   * From typed columns in text format. Throws UnreadableDataError `NUMBER_TOO_LARGE`, and `columnsChanged` for what is not
   * of the column's type; both name the column.
   */
  fromRow(fields: readonly (string | null)[]): Row;
  /** From one row of a document: the values in order, or groups of them as `documentRow` makes for wide rows. */
  fromArray(values: readonly unknown[]): Row;
}

type Decode<T> = (value: T) => unknown;

interface Reader<T> {
  readonly decode: Decode<T>;
  readonly plain?: PlainJson | undefined;
}

type Build<T> = (values: readonly (T | null)[]) => Row;

/**
 * Compiles a decoder for rows of these columns. Keep it with the plan: creating one takes a few microseconds,
 * using one saves most of the time for a row.
 *
 * @param tail columns that a typed row has behind them, which are not read
 */
export function rowDecoder(columns: readonly ResultColumn[], tail = 0): RowDecoder {
  const width = columns.length;
  const names = columns.map(({ name }) => name);
  // A mode uses only one of the two, so each is compiled on first use.
  let buildRow: Build<string> | undefined;
  let buildArray: Build<unknown> | undefined;
  return {
    fromRow(fields) {
      if (fields.length !== width + tail) throw columnsChanged();
      try {
        buildRow ??= compile<string>(
          names,
          columns.map(({ codec }) => ({ decode: codec.fromText })),
        );
        return buildRow(fields);
      } catch (error) {
        throw withColumn(error, columns, (column, index) => decodeOne(column.codec.fromText, fields[index]));
      }
    },
    fromArray(values) {
      const flat = width > MAX_ARGUMENTS && values.length !== width ? values.flat(1) : values;
      if (flat.length !== width) throw columnsChanged();
      try {
        buildArray ??= compile<unknown>(
          names,
          columns.map(({ codec }) => ({ decode: codec.fromJson, plain: codec.plainJson })),
        );
        return buildArray(flat);
      } catch (error) {
        throw withColumn(error, columns, (column, index) => decodeOne(column.codec.fromJson, flat[index]));
      }
    },
  };
}

function decodeOne<T>(decode: Decode<T>, value: T | null | undefined): void {
  if (value !== null && value !== undefined) decode(value);
}

/** Codecs do not know their column. After an error, the row is decoded again, column by column, to name it. */
function withColumn(
  error: unknown,
  columns: readonly ResultColumn[],
  decode: (column: ResultColumn, index: number) => void,
): unknown {
  const isTooLarge = error instanceof DatabaseError && error.code === NUMBER_TOO_LARGE;
  // What no codec throws on purpose comes of a value that is not of its type, and may quote it.
  const isFormat = error instanceof DatabaseError && error.code === FORMAT_CHANGED;
  if (!isTooLarge && !isFormat && !isUnfitting(error) && error instanceof DatabaseError) return error;
  const named = isTooLarge ? numberTooLarge : isFormat ? formatChanged : columnsChanged;
  for (const [index, column] of columns.entries()) {
    try {
      decode(column, index);
    } catch {
      return named(column.name);
    }
  }
  return named();
}

/**
 * An object literal gives all rows the same hidden class and inlines the decoders, which a loop over
 * columns cannot. If the process forbids code from strings (`--disallow-code-generation-from-strings`),
 * the loop is used.
 */
function compile<T>(names: readonly string[], readers: readonly Reader<T>[]): Build<T> {
  try {
    return compileLiteral(names, readers);
  } catch (error) {
    if (error instanceof EvalError) {
      const decoders = readers.map(({ decode }) => decode);
      return loop(names, decoders);
    }
    throw error;
  }
}

/** Tests of a value that is handed on as it is; all others, null among them, go to the decoder or stay null. */
const PLAIN: Readonly<Record<PlainJson, (value: string) => string>> = {
  string: (value) => `typeof ${value}==='string'`,
  boolean: (value) => `typeof ${value}==='boolean'`,
  int32: (value) => `(${value}|0)===${value}`,
  int16: (value) => `(${value}<<16>>16)===${value}`,
};

function compileLiteral<T>(names: readonly string[], readers: readonly Reader<T>[]): Build<T> {
  const last = new Map(names.map((name, index) => [name, index]));
  const locals = readers.map(({ decode }, index) =>
    decode === identity ? '' : `const v${index}=f[${index}];`,
  );
  const members = [...last].map(([name, index]) => {
    // As a computed key, `__proto__` is a normal property; as a plain key it would set the prototype.
    const key = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
    return `${key}:${valueText(readers[index]!, index)}`;
  });
  const parameters = readers.map((_, index) => `d${index}`);
  const body = `return function(f){${locals.join('')}return {${members.join(',')}};}`;
  return new Function(...parameters, body)(...readers.map(({ decode }) => decode)) as Build<T>;
}

function valueText<T>(reader: Reader<T>, index: number): string {
  const { decode } = reader;
  const plain = own(reader, 'plain');
  if (decode === identity) return `f[${index}]`;
  const value = `v${index}`;
  const passes = plain === undefined ? '' : `${PLAIN[plain](value)}||`;
  return `${passes}${value}===null?${value}:d${index}(${value})`;
}

function loop<T>(names: readonly string[], decoders: readonly Decode<T>[]): Build<T> {
  return (values) => {
    const row: Row = {};
    for (let index = 0; index < names.length; index++) {
      const value = values[index] as T | null;
      setOwn(row, names[index]!, value === null ? null : decoders[index]!(value));
    }
    return row;
  };
}
