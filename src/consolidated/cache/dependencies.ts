import type { Touched } from '../call/touched.ts';
import type { Catalog } from '../catalog/model.ts';
import type { WriteEvent } from '../catalog/table-families.ts';
import type { Declarations } from './declarations.ts';
import { ANYONE, ReadTrace } from './read-trace.ts';
import type { Refusal } from './refusal.ts';
import { WriteTrace } from './write-trace.ts';

export type { Declarations } from './declarations.ts';
export type { Refusal } from './refusal.ts';

/** What decides an answer besides the values of the statement. */
export interface DecidedBy {
  /** Base tables as `schema.name`; partitions and inheriting tables count as the table at their top. */
  readonly tables: readonly string[];
  /** Whether something that is read asks for claims of the caller, as far as can be told. */
  readonly claims: 'none' | 'some';
}

export type Dependencies =
  | DecidedBy
  | {
      readonly refusal: Refusal;
      /** What decides it besides the time or a setting, where nothing else is in the way of keeping it for a stated time. */
      readonly besides: DecidedBy | undefined;
    };

type WriteKind = WriteEvent | 'upsert';

const EVENTS_OF: Readonly<Record<WriteKind, readonly WriteEvent[]>> = {
  insert: ['insert'],
  update: ['update'],
  delete: ['delete'],
  upsert: ['insert', 'update'],
};

interface Read {
  readonly dependencies: Dependencies;
  readonly claims: readonly string[] | 'all';
}

/**
 * What was found in a catalog, because each cached call asks. It grows with the relations, functions and roles of the catalog,
 * not with what is asked: names that the catalog does not have are not kept.
 */
class Found {
  readonly reads = new Map<string, Map<string, Read>>();
  readonly functions = new Map<string, Map<string, Read>>();
  readonly touched = new Map<string, Map<WriteKind, Touched>>();
}

const FOUND = new WeakMap<Catalog, WeakMap<Declarations, Found>>();

/**
 * What a statement on a relation reads for a role: through views, through the policies that filter it, and through the functions
 * that these call.
 *
 * @param relation `schema.name`
 * @param role one of those that the catalog was read for
 */
export function readDependencies(
  catalog: Catalog,
  relation: string,
  role: string,
  declared: Declarations,
): Dependencies {
  return readOf(catalog, relation, role, declared).dependencies;
}

/**
 * The claims by name on which a read depends, where the catalog shows them: `sub` for `auth.uid()`, `tenant` for
 * `auth.jwt() ->> 'tenant'`. `all` where it does not: within functions that are declared, or for an answer that is not kept.
 */
export function claimsRead(
  catalog: Catalog,
  relation: string,
  role: string,
  declared: Declarations,
): readonly string[] | 'all' {
  return readOf(catalog, relation, role, declared).claims;
}

function readOf(catalog: Catalog, relation: string, role: string, declared: Declarations): Read {
  const found = foundIn(catalog, declared);
  const known = found.reads.get(relation)?.get(role);
  if (known !== undefined) return known;
  const node = catalog.graph.relationNamed(relation);
  if (node === undefined) return refused('unknown relation', `"${relation}" is not in the catalog`);
  if (!catalog.graph.readers.has(role)) {
    return refused('unknown role', `the catalog was not read for the role "${role}"`);
  }
  const trace = new ReadTrace(catalog, declared);
  trace.relation(node, { as: role, caller: role });
  return keep(found.reads, relation, role, readBy(trace));
}

/**
 * What a function that writes nothing reads: as it is declared, or as its body says where that is of standard SQL.
 *
 * @param fn `schema.name`; what any of its overloads reads counts
 * @param role who calls it; without one the policies of all roles count
 */
export function functionDependencies(
  catalog: Catalog,
  fn: string,
  declared: Declarations,
  role: string = ANYONE,
): Dependencies {
  const found = foundIn(catalog, declared);
  const known = found.functions.get(fn)?.get(role);
  if (known !== undefined) return known.dependencies;
  const overloads = catalog.graph.functionsNamed(fn);
  if (overloads.length === 0)
    return refused('unknown function', `${fn}() is not in the catalog`).dependencies;
  if (role !== ANYONE && !catalog.graph.readers.has(role)) {
    return refused('unknown role', `the catalog was not read for the role "${role}"`).dependencies;
  }
  const trace = new ReadTrace(catalog, declared);
  for (const overload of overloads) trace.fn(overload, role, undefined);
  return keep(found.functions, fn, role, readBy(trace)).dependencies;
}

/**
 * What a write changes: the relation, or the tables beneath a view, and what foreign keys do to others. `everything` where
 * triggers or rules do what is not declared, or rows are elsewhere.
 *
 * Functions in defaults, in checks and in policies are not looked into: one that writes has to be declared with the call.
 *
 * @param relation `schema.name`
 */
export function touchedBy(
  catalog: Catalog,
  relation: string,
  kind: WriteKind,
  declared: Declarations,
): Touched {
  const found = foundIn(catalog, declared);
  const known = found.touched.get(relation)?.get(kind);
  if (known !== undefined) return known;
  const node = catalog.graph.relationNamed(relation);
  if (node === undefined) return 'everything';
  const trace = new WriteTrace(catalog, declared);
  for (const event of EVENTS_OF[kind]) trace.relation(node, event);
  return keep(found.touched, relation, kind, trace.touched);
}

function readBy(trace: ReadTrace): Read {
  const { refusal, tables, claims } = trace;
  const decidedBy: DecidedBy = { tables, claims: claims !== 'all' && claims.length === 0 ? 'none' : 'some' };
  if (refusal === undefined) return { dependencies: decidedBy, claims };
  const besides = trace.isComplete ? decidedBy : undefined;
  return { dependencies: { refusal, besides }, claims: trace.isComplete ? claims : 'all' };
}

function refused(reason: Refusal['reason'], what: string): Read {
  return { dependencies: { refusal: { reason, what, hint: undefined }, besides: undefined }, claims: 'all' };
}

function foundIn(catalog: Catalog, declared: Declarations): Found {
  let byDeclarations = FOUND.get(catalog);
  if (byDeclarations === undefined) {
    byDeclarations = new WeakMap();
    FOUND.set(catalog, byDeclarations);
  }
  let found = byDeclarations.get(declared);
  if (found === undefined) {
    found = new Found();
    byDeclarations.set(declared, found);
  }
  return found;
}

function keep<K, V>(map: Map<string, Map<K, V>>, name: string, key: K, value: V): V {
  const known = map.get(name);
  if (known === undefined) map.set(name, new Map([[key, value]]));
  else known.set(key, value);
  return value;
}
