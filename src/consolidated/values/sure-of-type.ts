import { own } from '../../contract/own-property.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Codec, DecodeOptions } from './codec.ts';
import { compositesIn, dependsOn } from './composites-in.ts';
import { baseOf, leafOf } from './leaf-type.ts';
import type { TypeInfo } from './type-info.ts';

/** Types whose JSON looks the same as that of others with other values: they are rounded in it, or printed as text. */
const HIDING: Readonly<Record<DecodeOptions['largeNumbers'], ReadonlySet<string>>> = {
  throw: new Set(['float4', 'float8', 'json', 'jsonb']),
  // Here a number and a string are values of different types.
  string: new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'json', 'jsonb']),
};

/**
 * A document does not tell its types. Where its JSON cannot either, the expression holds for its type alone: a
 * column that has another one is refused when the statement is parsed, before anything ran. What is strict is
 * folded with its null by the planner, and costs the rows nothing.
 *
 * A composite keeps its OID when its attributes change, so that their types are compared each. Where it travels as text,
 * the order of their names is too, once for each statement: what has another one enters the document as a boolean, which
 * no decoder of such a type takes.
 */
export function sureOfType(type: TypeInfo, codec: Codec, options: DecodeOptions): Codec {
  const base = baseOf(type);
  if (leafOf(base).kind === 'pseudo') return codec;
  if (isJson(base)) {
    // Nothing is cast to json silently, so this is as exact as a comparison, and parsed faster.
    return within(codec, (expression) => `case when true then ${expression} else null::${base.sql} end`);
  }
  const isText = codec.inJson === 'text';
  const isTextOfParts = isText && (base.kind === 'array' || base.kind === 'composite');
  const hides = isTextOfParts || isHiding(base, options);
  const attributes = attributesAreSame(base, isText, options);
  if (!hides && attributes.length === 0) return codec;
  const sure = within(codec, (expression) => {
    const itself = hides && own(type, 'hidden') !== true ? [isExactly(expression, type)] : [];
    const checks = [...itself, ...attributes];
    return checks.length === 0 ? expression : `case when ${checks.join(' and ')} then ${expression} end`;
  });
  const ordered = isText ? namesAreSame(base) : [];
  if (ordered.length === 0) return sure;
  return {
    ...sure,
    documentExpression: (expression) =>
      `case when ${ordered.join(' and ')} then pg_catalog.to_json(${sure.documentExpression(expression)}) else 'false'::pg_catalog.json end`,
  };
}

function within(codec: Codec, held: (expression: string) => string): Codec {
  return { ...codec, documentExpression: (expression) => codec.documentExpression(held(expression)) };
}

function isJson({ schema, name }: TypeInfo): boolean {
  return schema === 'pg_catalog' && (name === 'json' || name === 'jsonb');
}

function isHiding(type: TypeInfo, options: DecodeOptions): boolean {
  const leaf = leafOf(type);
  return leaf.schema === 'pg_catalog' && HIDING[options.largeNumbers].has(leaf.name);
}

/** True at planning; another type, or one that is equal only after a cast, has no such function. */
function isExactly(expression: string, type: TypeInfo): string {
  return `pg_catalog.array_eq(array[${expression}], null::${type.sql}[]) is null`;
}

/** Of composites that a statement may name, conditions that are true, or refused when the statement is parsed. */
function attributesAreSame(type: TypeInfo, isText: boolean, options: DecodeOptions): readonly string[] {
  return compositesIn(type, '').flatMap(({ type: composite }) => {
    if (own(composite, 'hidden') === true) return [];
    const checks = (composite.attributes ?? [])
      .filter(
        ({ type: attribute }) => leafOf(attribute).kind !== 'pseudo' && own(attribute, 'hidden') !== true,
      )
      .filter(({ type: attribute }) => isText || isHiding(attribute, options))
      .map(({ name, type: attribute }) =>
        isExactly(`(null::${composite.sql}).${quotedName(name)}`, attribute),
      );
    return checks.length === 0 ? [] : [...checks, dependsOn(composite)];
  });
}

/** Conditions that are computed once for each execution. */
function namesAreSame(type: TypeInfo): readonly string[] {
  return compositesIn(type, '')
    .filter(({ type: { hidden, attributes = [] } }) => hidden !== true && attributes.length > 0)
    .map(({ type: { sql, attributes = [] } }) => {
      const names = attributes.map(({ name }) => `null as ${quotedName(name)}`).join(', ');
      return `(select pg_catalog.to_json(a)::text = pg_catalog.to_json(b)::text from (select (null::${sql}).*) as a, (select ${names}) as b)`;
    });
}
