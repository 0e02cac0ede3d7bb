import type { JsonText } from './json-text.ts';

/** What a JSON value may hold in the code: more than JSON has, because `Date` and objects with `toJSON` are written as that. */
type JsonInput =
  | string
  | number
  | boolean
  | null
  | {
      /** What is written in its place. */
      toJSON(): unknown;
    }
  | { readonly [key: string]: JsonInput | undefined }
  | readonly JsonInput[];

/** Times and bytes. The generated types have text for the columns that take them. */
type TextLike = Date | Uint8Array | ArrayBuffer;

/** Vectors. The generated types have text for them too. */
type VectorLike = readonly number[] | Float32Array | Float64Array;

/** The generated `Json`: of all generated types only it is text, a number and a list at once. */
type IfJson<Value, Then, Else> = [string | number | never[]] extends [Value] ? Then : Else;

/**
 * What a place takes that the generated types give as `Value`: a column that is written, an argument, an operator.
 *
 * They have one type for what several types of Postgres print alike: `string` for text, times, bytes and vectors, `number`
 * for int8 and all other numbers. So the compiler takes what any of these takes, and the service checks it against the
 * column. A narrower type, such as the labels of an enum or one of `Overrides`, takes only itself.
 */
export type Accepted<Value> = unknown extends Value
  ? Value
  : IfJson<
      Value,
      (null extends Value ? JsonInput : NonNullable<JsonInput>) | JsonText,
      number extends Value
        ? Value | bigint
        : string extends Value
          ? Value | TextLike | VectorLike
          : AcceptedPart<Value>
    >;

/** As a plain value of a filter: lists need an operator. */
export type Comparable<Value> = IfJson<
  Value,
  Exclude<Accepted<Value>, readonly unknown[]>,
  number extends Value
    ? Value | bigint
    : string extends Value
      ? Value | TextLike
      : Exclude<AcceptedPart<Value>, readonly unknown[]>
>;

/** Of lists each element. An object may be one that `Overrides` gave to a json column. */
type AcceptedPart<Value> = Value extends readonly (infer Element)[]
  ? readonly Accepted<Element>[] | (Element extends object ? JsonText : never)
  : Value extends object
    ? Value | JsonText
    : Value;

/** The same for each property: the values of a row, or of arguments by name. */
export type AcceptedValues<Values> = { [Name in keyof Values]: Accepted<Values[Name]> };
