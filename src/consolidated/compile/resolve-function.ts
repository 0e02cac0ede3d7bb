import { UsageError } from '../../contract/errors.ts';
import type { CatalogFunction } from '../catalog/model.ts';
import type { CompileContext } from './compiled.ts';
import { didYouMean, shown } from './did-you-mean.ts';

/**
 * Finds the overload for arguments with these names: it must have all of them, and all its arguments without
 * a default must be given.
 *
 * Of several, it chooses the one that needs no defaults, as Postgres does. Throws UsageError
 * `UNKNOWN_FUNCTION` if none matches, `AMBIGUOUS_FUNCTION` if more than one is left.
 */
export function resolveFunction(
  { catalog, schema, role }: CompileContext,
  name: string,
  given: readonly string[],
): CatalogFunction {
  const overloads = typeof name === 'string' ? catalog.functions(schema, name) : [];
  if (overloads.length === 0) {
    const wanted = typeof name === 'string' ? name : '';
    throw new UsageError(
      `There is no function ${shown(wanted)} in the schema "${schema}".${didYouMean(wanted, namesFor(role, catalog.allFunctions(schema)))}`,
      { code: 'UNKNOWN_FUNCTION', relation: `${schema}.${wanted}` },
    );
  }
  const functions = overloads.filter(({ kind }) => kind === 'function');
  if (functions.length === 0) {
    const kind = overloads[0]!.kind;
    throw new UsageError(
      `"${name}" is ${kind === 'aggregate' ? 'an' : 'a'} ${kind}${kind === 'window' ? ' function' : ''}: rpc only calls functions.${kind === 'procedure' ? ' Use sql`call …` on a direct or session connection.' : ''}`,
      { code: 'NOT_A_FUNCTION' },
    );
  }
  const fitting = functions.filter((candidate) => fits(candidate, given));
  const complete = fitting.filter((candidate) => candidate.arguments.length === given.length);
  const [found, ...others] = complete.length > 0 ? complete : fitting;
  if (found === undefined) {
    throw new UsageError(
      `No function "${name}" accepts ${given.length === 0 ? 'a call without arguments' : `the arguments ${given.map(shown).join(', ')}`}.${available(functions, role)}`,
      { code: 'UNKNOWN_FUNCTION', relation: `${schema}.${name}` },
    );
  }
  if (others.length > 0) {
    throw new UsageError(
      `The argument names match several functions "${name}".${available([found, ...others], role)} Pass more arguments, or rename one function.`,
      { code: 'AMBIGUOUS_FUNCTION' },
    );
  }
  return found;
}

/** Arguments without a name cannot be passed by name; they can only be omitted, if they have a default. */
function fits(candidate: CatalogFunction, given: readonly string[]): boolean {
  const names = new Set(candidate.arguments.map((argument) => argument.name));
  return (
    given.every((name) => name !== '' && names.has(name)) &&
    candidate.arguments.every((argument) => argument.hasDefault || given.includes(argument.name))
  );
}

function namesFor(role: string, functions: readonly CatalogFunction[]): ReadonlySet<string> {
  return new Set(functions.filter(({ visibleTo }) => visibleTo.has(role)).map(({ name }) => name));
}

/** The signatures that the role may call, as the end of a message; empty when there are none. */
function available(functions: readonly CatalogFunction[], role: string): string {
  const signatures = functions
    .filter(({ visibleTo }) => visibleTo.has(role))
    .map(({ name, arguments: list }) => {
      const texts = list.map(
        (argument) =>
          `${argument.variadic ? 'variadic ' : ''}${argument.name === '' ? '(unnamed)' : argument.name} ${argument.type.sql}${argument.hasDefault ? ' = default' : ''}`,
      );
      return `${name}(${texts.join(', ')})`;
    });
  return signatures.length === 0 ? '' : ` Available: ${signatures.join('; ')}.`;
}
