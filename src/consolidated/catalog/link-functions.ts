import { own } from '../../contract/own-property.ts';
import type { FunctionRow } from './introspection.ts';
import type { TypeTable } from './link-types.ts';
import type { CatalogFunction, FunctionArgument } from './model.ts';

const KINDS: Readonly<Record<string, CatalogFunction['kind']>> = {
  f: 'function',
  p: 'procedure',
  a: 'aggregate',
  w: 'window',
};

const VOLATILITIES: Readonly<Record<string, CatalogFunction['volatility']>> = {
  i: 'immutable',
  s: 'stable',
  v: 'volatile',
};

/** `proallargtypes` is null when all arguments are plain inputs; `proargnames` when none has a name. */
export function linkFunction(
  row: FunctionRow,
  types: TypeTable,
  visibleTo: ReadonlySet<string>,
): CatalogFunction {
  const [
    schema,
    name,
    kind,
    volatility,
    returnsSet,
    returns,
    defaults,
    variadic,
    inputTypes,
    allTypes,
    modes,
    names,
  ] = row;
  const inputs: FunctionArgument[] = [];
  const outputs: { name: string; type: ReturnType<TypeTable['get']> }[] = [];
  for (const [index, oid] of (allTypes ?? inputTypes).entries()) {
    const mode = modes?.[index] ?? 'i';
    const argument = { name: names?.[index] ?? '', type: types.get(Number(oid)) };
    if (mode === 'i' || mode === 'b' || mode === 'v') {
      inputs.push({ ...argument, hasDefault: false, variadic: mode === 'v' });
    }
    if (mode === 'o' || mode === 'b' || mode === 't') outputs.push(argument);
  }
  // Without modes the variadic argument is not marked, but it is always the last one.
  const last = inputs.length - 1;
  return {
    schema,
    name,
    visibleTo,
    kind: own(KINDS, kind) ?? 'function',
    volatility: own(VOLATILITIES, volatility) ?? 'volatile',
    arguments: inputs.map((input, index) => ({
      ...input,
      hasDefault: index >= inputs.length - defaults,
      variadic: input.variadic || (variadic && index === last),
    })),
    returnsSet,
    returns: types.get(returns),
    outputs,
  };
}
