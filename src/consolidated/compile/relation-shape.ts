import { UsageError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Column, Relation } from '../catalog/model.ts';
import { blaming } from '../values/blaming.ts';
import { encoderFor } from '../values/encode.ts';
import type { Encoder } from '../values/encoder.ts';
import { baseOf } from '../values/leaf-type.ts';
import type { TypeInfo } from '../values/type-info.ts';
import type { CompileContext } from './compiled.ts';
import { didYouMean, shown } from './did-you-mean.ts';

/**
 * Something that a filter or an order can use: a column, or a path inside one.
 */
export interface Operand {
  readonly name: string;
  /** SQL expression, such as `t."title"`. */
  readonly expression: string;
  /** Its type, with domains resolved to their base type. */
  readonly type: TypeInfo;
  /** Cast for a value that it is compared with, such as `::text`. */
  readonly cast: string;
  readonly nullable: boolean;
  /** For errors: `column "title" of "trips"`. */
  readonly place: string;
  readonly encode: Encoder;
  /** `atttypmod`. */
  readonly modifier: number;
}

export interface ShapedColumn extends Operand {
  readonly column: Column;
  /** The column in a result; the type of a domain is the domain. */
  readonly result: { readonly name: string; readonly type: TypeInfo; readonly expression: string };
  /** `"title"`, for places without an alias. */
  readonly quoted: string;
}

/**
 * A relation, with the parts that statements need prepared once per catalog.
 *
 * In every statement its alias is `t`, so that a column is never confused with an output name or a keyword.
 */
export interface RelationShape {
  readonly relation: Relation;
  /** Different for every relation of every catalog ever loaded. */
  readonly key: string;
  /** `"public"."trips"`. */
  readonly target: string;
  /** `public.trips`. */
  readonly qualified: string;
  /** The same, as a list. */
  readonly tables: readonly string[];
  readonly columns: ReadonlyMap<string, ShapedColumn>;
}

const shapes = new WeakMap<Relation, RelationShape>();
let shaped = 0;

/** Throws UsageError `UNKNOWN_RELATION` when the schema has no such relation. */
export function relationShape(context: CompileContext, name: string): RelationShape {
  const relation = typeof name === 'string' ? context.catalog.relation(context.schema, name) : undefined;
  if (relation === undefined) throw unknownRelation(context, name);
  let shape = shapes.get(relation);
  if (shape === undefined) {
    shape = makeShape(relation);
    shapes.set(relation, shape);
  }
  return shape;
}

function makeShape(relation: Relation): RelationShape {
  const columns = new Map<string, ShapedColumn>();
  for (const column of relation.columns.values()) {
    const type = baseOf(column.type);
    const quoted = quotedName(column.name);
    const expression = `t.${quoted}`;
    columns.set(column.name, {
      name: column.name,
      column,
      result: { name: column.name, type: column.type, expression },
      quoted,
      expression,
      type,
      cast: `::${type.sql}`,
      nullable: column.nullable,
      place: `column "${column.name}" of "${relation.name}"`,
      encode: blaming(column.name, encoderFor(type)),
      modifier: column.modifier,
    });
  }
  shaped++;
  const qualified = `${relation.schema}.${relation.name}`;
  return {
    relation,
    key: `${shaped}`,
    target: `${quotedName(relation.schema)}.${quotedName(relation.name)}`,
    qualified,
    tables: [qualified],
    columns,
  };
}

function unknownRelation({ catalog, schema, role }: CompileContext, name: unknown): UsageError {
  if (typeof name !== 'string') return new UsageError('The name of a table or view must be a string.');
  const visible = catalog.relations(schema).filter(({ visibleTo }) => visibleTo.has(role));
  const names = visible.map((relation) => relation.name);
  return new UsageError(
    `There is no table or view ${shown(name)} in the schema "${schema}".${didYouMean(name, names)}`,
    { code: 'UNKNOWN_RELATION', relation: `${schema}.${name}` },
  );
}
