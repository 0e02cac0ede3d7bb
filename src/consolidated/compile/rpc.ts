import { UsageError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { CatalogFunction, FunctionArgument } from '../catalog/model.ts';
import { blamedOn } from '../values/blaming.ts';
import { dependsOn } from '../values/composites-in.ts';
import { encodeValue } from '../values/encode.ts';
import { baseOf } from '../values/leaf-type.ts';
import { isPlainObject } from '../values/plain-object.ts';
import type { TypeInfo } from '../values/type-info.ts';
import { compiled, NONE, rowsAnswer } from './assemble.ts';
import { Binding, type BoundTarget } from './binding.ts';
import { checkOptions, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compositeTail } from './composite-tail.ts';
import { compiledPlan } from './plan.ts';
import { askedBy, type KeptPlan } from './plan-cache.ts';
import type { RpcShape } from './reply-shape.ts';
import { resolveFunction } from './resolve-function.ts';
import { resultColumn } from './result-columns.ts';
import { aliases, aliasList, wrapQuery } from './wrap-document.ts';

const KNOWN = optionNames('rpc', 'idempotencyKey', 'cache', 'writes');

const named = new WeakMap<CatalogFunction, { readonly key: string; readonly qualified: string }>();
let numbered = 0;

/**
 * Calls a function by the names of its arguments. A property that is undefined counts as absent.
 *
 * Stable and immutable functions are reads, volatile ones writes. A set-returning function that reads is asked for at
 * most `maxRows` + 1 rows, so that a larger result is noticed. Of one that writes all rows come, as of any write.
 */
export function compileRpc(
  context: CompileContext,
  name: string,
  args: unknown = {},
  options: object = {},
): Compiled {
  checkOptions(options, KNOWN);
  if (!isPlainObject(args)) throw new UsageError('The arguments of rpc must be a plain object, by name.');
  const given = Object.keys(args).filter((argument) => args[argument] !== undefined);
  const fn = resolveFunction(context, name, given);
  const binding = new Binding(context.trace);
  const parameters = fn.arguments
    .filter((argument) => given.includes(argument.name))
    .map((argument) => {
      const encoded = encodeArgument(fn, argument, args[argument.name]);
      const prefix = argument.variadic ? 'variadic ' : '';
      const parameter = binding.add(encoded, context.trace && targetOf(fn, argument));
      return `${prefix}${quotedName(argument.name)} => ${parameter}::${castType(argument.type)}`;
    });
  // What a volatile function does is done, however many of its rows are asked for.
  const isLimited = fn.returnsSet && fn.volatility !== 'volatile';
  const limit = isLimited ? ` limit ${binding.add(String(context.maxRows + 1))}::int8` : '';
  const call = `${quotedName(fn.schema)}.${quotedName(fn.name)}(${parameters.join(', ')})`;
  const { key: own, qualified } = namesOf(fn);
  const key = `rpc ${own} ${context.decode.largeNumbers}\n${call}`;
  const kept =
    context.plans.get(key) ??
    context.plans.set(key, askedBy(call, keep(context, fn, call, limit, binding.values.length)));
  const kind = fn.volatility === 'volatile' ? 'rpc.write' : 'rpc.read';
  return { ...compiled(context, { tables: NONE, qualified }, kind, kept, binding.values), rpc: kept.rpc! };
}

/** A value cannot be cast to `anyelement` and similar types, so it is passed as text. */
function castType(type: TypeInfo): string {
  return type.kind === 'pseudo' ? 'text' : type.sql;
}

/** `key` is different for every function of every catalog ever loaded. */
function namesOf(fn: CatalogFunction): { readonly key: string; readonly qualified: string } {
  let names = named.get(fn);
  if (names === undefined) {
    numbered++;
    names = { key: String(numbered), qualified: `${fn.schema}.${fn.name}` };
    named.set(fn, names);
  }
  return names;
}

function placeOf(fn: CatalogFunction, argument: FunctionArgument): string {
  return `argument "${argument.name}" of "${fn.name}"`;
}

function targetOf(fn: CatalogFunction, argument: FunctionArgument): BoundTarget {
  const { name, type } = argument;
  return { name, place: placeOf(fn, argument), type: baseOf(type), modifier: -1 };
}

function encodeArgument(fn: CatalogFunction, argument: FunctionArgument, value: unknown): string | null {
  try {
    return encodeValue(argument.type, value, placeOf(fn, argument));
  } catch (error) {
    throw blamedOn(argument.name, error);
  }
}

function keep(
  context: CompileContext,
  fn: CatalogFunction,
  call: string,
  limit: string,
  values: number,
): KeptPlan {
  const outputs = outputColumns(fn);
  const columns = outputs.map((output) => resultColumn(output, context.decode));
  const codecs = columns.map(({ codec }) => codec);
  const names = outputNames(outputs, baseOf(fn.returns).kind === 'composite');
  const { text: tail } = compositeTail(columns, (index) => names.list[index]!);
  const from = `from ${call} as f${names.aliases}${rowTypeClause(fn)}${limit}`;
  const query = `select ${names.list.join(', ')} ${from}`;
  const intent = fn.volatility === 'volatile' ? 'write' : 'read';
  return {
    plan: compiledPlan(
      `select ${names.list.join(', ')}${tail} ${from}`,
      wrapQuery(query, codecs, values),
      intent,
    ),
    further: [],
    answer: rowsAnswer(columns),
    rpc: rpcShape(fn),
  };
}

/**
 * By their own names where they have some, so that none is taken for another when they have changed; a single value
 * has the name of the function, or of its type.
 */
function outputNames(
  outputs: readonly { readonly name: string }[],
  areAttributes: boolean,
): {
  readonly list: readonly string[];
  /** Behind the alias of the function. */
  readonly aliases: string;
} {
  const names = new Set(outputs.map(({ name }) => name));
  if ((outputs.length > 1 || areAttributes) && names.size === outputs.length && !names.has('')) {
    return { list: [...names].map((name) => `f.${quotedName(name)}`), aliases: '' };
  }
  return { list: aliases(outputs.length).map((alias) => `f.${alias}`), aliases: aliasList(outputs.length) };
}

/**
 * Makes the statement depend on the row type of the function. Without it Postgres kept the columns of a prepared call
 * whose row type was changed.
 */
function rowTypeClause({ returns }: CatalogFunction): string {
  const type = baseOf(returns);
  return type.kind === 'composite' ? ` where ${dependsOn(type)}` : '';
}

/** The columns that the function has in FROM: those of its composite, or one that holds its value. */
function outputColumns(fn: CatalogFunction): readonly { readonly name: string; readonly type: TypeInfo }[] {
  const type = baseOf(fn.returns);
  if (type.kind === 'composite' && type.attributes !== undefined) return type.attributes;
  if (type.kind === 'pseudo' && type.name === 'record') {
    if (fn.outputs.length > 0) return fn.outputs;
    throw new UsageError(
      `"${fn.name}" returns a record with unknown columns. Declare OUT arguments or "returns table (…)", or call it with sql\`…\`.`,
    );
  }
  return [{ name: fn.outputs[0]?.name || fn.name, type: fn.returns }];
}

/** As in PostgREST: rows of a composite are objects, other values are returned directly. */
function rpcShape(fn: CatalogFunction): RpcShape {
  const type = baseOf(fn.returns);
  if (type.kind === 'pseudo' && type.name === 'void') return 'void';
  // A single OUT argument or column of "returns table" also has a name, so it is a row.
  const isRow = type.kind === 'composite' || fn.outputs.length > 0;
  if (fn.returnsSet) return isRow ? 'rows' : 'values';
  return isRow ? 'row' : 'value';
}
