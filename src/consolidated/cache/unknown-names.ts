import { own } from '../../contract/own-property.ts';
import type { Catalog } from '../catalog/model.ts';
import { shown } from '../compile/did-you-mean.ts';
import type { Declarations } from './declarations.ts';

/** What the options name, as `schema.name`. */
interface NamedInOptions {
  readonly tables: ReadonlyMap<string, unknown>;
  readonly functions: Declarations;
  readonly publicTables: ReadonlySet<string>;
}

/**
 * Warnings of what the options name and the database does not have. Nothing wrong is kept for it: what a function reads then is
 * not known, and what it writes may be everything.
 */
export function unknownNames(named: NamedInOptions, { graph }: Catalog): readonly string[] {
  const { tables, functions, publicTables } = named;
  const isRelation = (name: string): boolean => graph.relationNamed(name) !== undefined;
  const warnings: string[] = [];
  for (const name of tables.keys()) {
    if (isRelation(name) || graph.isFunction(name)) continue;
    warnings.push(
      `The option 'cache.tables' names ${shown(name)}, and the database has no such table, view or function.`,
    );
  }
  for (const name of publicTables) {
    if (isRelation(name)) continue;
    warnings.push(
      `The option 'cache.public' names ${shown(name)}, and the database has no such table or view.`,
    );
  }
  for (const [fn, declared] of functions) {
    if (!graph.isFunction(fn)) {
      warnings.push(
        `The option 'cache.functions' names ${shown(fn)}, and there is no such function, or nothing that the service knows calls it.`,
      );
    }
    for (const name of own(declared, 'reads') ?? []) {
      if (!isRelation(name)) warnings.push(unknownRead(fn, name));
    }
    for (const name of own(declared, 'writes') ?? []) {
      if (!isRelation(name)) warnings.push(unknownWritten("The option 'cache.functions'", name));
    }
  }
  return warnings;
}

function unknownRead(fn: string, name: string): string {
  return `The option 'cache.functions' says that ${shown(fn)} reads ${shown(name)}, and the database has no such table or view: answers that depend on it are not cached.`;
}

export function unknownWritten(from: string, name: string): string {
  return `${from} says that ${shown(name)} is written, and the database has no such table or view: all cached answers are dropped each time.`;
}
