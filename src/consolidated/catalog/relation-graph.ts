import { type Expression, linkExpression } from './expression.ts';
import type { RelationGraphRows } from './relation-graph-rows.ts';
import { type Family, linkFamilies } from './table-families.ts';

/** A relation of any schema, as far as reads and writes of others involve it. */
export interface GraphRelation {
  readonly oid: number;
  /** `schema.name` */
  readonly name: string;
  readonly kind: 'table' | 'view' | 'foreign table';
  readonly family: Family;
  /** The owner, of a view that reads as such; other views read as who reads them. */
  readonly readsAs: string | undefined;
  /** Roles that its policies do not apply to; undefined without row level security. */
  readonly exempt: ReadonlySet<string> | undefined;
  /** For reading. */
  readonly policies: readonly Policy[];
  /** Of a view. */
  readonly definition: Expression | undefined;
}

interface Policy {
  readonly name: string;
  /** undefined: everyone. */
  readonly roles: ReadonlySet<string> | undefined;
  readonly condition: Expression;
}

export interface CalledFunction {
  readonly schema: string;
  /** `schema.name` */
  readonly name: string;
  /** With the types of its arguments. */
  readonly signature: string;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** The extension that it is part of. */
  readonly extension: string | undefined;
  /** The role that it runs as; undefined: as its caller. `*`: it decides itself. */
  readonly runsAs: string | undefined;
  /** Where it can be read. */
  readonly body: Expression | undefined;
}

/** How the relations of all schemas hang together. */
export class RelationGraph {
  readonly #relations = new Map<number, GraphRelation>();
  /** undefined where two have the same name, as `a.b` of `c` and `a` of `b.c`. */
  readonly #named = new Map<string, GraphRelation | undefined>();
  readonly #functions = new Map<number, CalledFunction>();
  readonly #overloads = new Map<string, CalledFunction[]>();
  /** They are in no expression. */
  readonly #triggerFunctions: ReadonlySet<string>;
  readonly readers: ReadonlySet<string>;

  constructor(rows: RelationGraphRows) {
    this.readers = new Set(rows.readers);
    this.#triggerFunctions = new Set(rows.triggers.map(([, , schema, fn]) => `${schema}.${fn}`));
    const families = linkFamilies(rows);
    const policies = policiesByRelation(rows);
    for (const [oid, schema, relation, relkind, readsAs, exempt, marks] of rows.relations) {
      const name = `${schema}.${relation}`;
      const node: GraphRelation = {
        oid,
        name,
        kind: relkind === 'v' ? 'view' : relkind === 'f' ? 'foreign table' : 'table',
        family: families.get(oid)!,
        readsAs: readsAs ?? undefined,
        exempt: exempt === null ? undefined : new Set(exempt),
        policies: policies.get(oid) ?? [],
        definition: marks === null ? undefined : linkExpression(marks),
      };
      this.#relations.set(oid, node);
      this.#named.set(name, this.#named.has(name) ? undefined : node);
    }
    for (const row of rows.functions) {
      const [oid, schema, fn, argumentTypes, volatility, extension, runsAs, marks] = row;
      const name = `${schema}.${fn}`;
      const called: CalledFunction = {
        schema,
        name,
        signature: `${name}(${argumentTypes})`,
        volatility: volatility === 'i' ? 'immutable' : volatility === 's' ? 'stable' : 'volatile',
        extension: extension ?? undefined,
        runsAs: runsAs ?? undefined,
        body: marks === null ? undefined : linkExpression(marks),
      };
      this.#functions.set(oid, called);
      this.#overloads.set(name, [...(this.#overloads.get(name) ?? []), called]);
    }
  }

  /** Those of the server's own schemas are not in it. */
  relation(oid: number): GraphRelation | undefined {
    return this.#relations.get(oid);
  }

  relationNamed(name: string): GraphRelation | undefined {
    return this.#named.get(name);
  }

  fn(oid: number): CalledFunction | undefined {
    return this.#functions.get(oid);
  }

  /** One that is exposed, that something calls which is read, or that a trigger runs. */
  isFunction(name: string): boolean {
    return this.#overloads.has(name) || this.#triggerFunctions.has(name);
  }

  /** All overloads. */
  functionsNamed(name: string): readonly CalledFunction[] {
    return this.#overloads.get(name) ?? [];
  }
}

function policiesByRelation(rows: RelationGraphRows): Map<number, Policy[]> {
  const policies = new Map<number, Policy[]>();
  for (const [relation, name, roles, marks] of rows.policies) {
    const policy = {
      name,
      roles: roles === null ? undefined : new Set(roles),
      condition: linkExpression(marks),
    };
    policies.set(relation, [...(policies.get(relation) ?? []), policy]);
  }
  return policies;
}
