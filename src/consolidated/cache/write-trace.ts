import { type Touched, TouchedTables } from '../call/touched.ts';
import type { Catalog } from '../catalog/model.ts';
import type { GraphRelation } from '../catalog/relation-graph.ts';
import type { Family, UserTrigger, WriteEvent } from '../catalog/table-families.ts';
import type { Declarations } from './declarations.ts';

const EVENTS: readonly WriteEvent[] = ['insert', 'update', 'delete'];

/** Trigger functions that change nothing but the row at hand. */
const OF_THE_ROW = new Set(['moddatetime']);

/** Follows a write to all that it changes. */
export class WriteTrace {
  readonly #catalog: Catalog;
  readonly #declared: Declarations;
  readonly #seen = new Set<string>();
  readonly #touched = new TouchedTables();

  constructor(catalog: Catalog, declared: Declarations) {
    this.#catalog = catalog;
    this.#declared = declared;
  }

  get touched(): Touched {
    return this.#touched.all;
  }

  relation(relation: GraphRelation, event: WriteEvent): void {
    const { family, definition } = relation;
    if (relation.kind !== 'view') {
      this.#family(family, event);
      return;
    }
    if (!this.#isNew(family, event)) return;
    this.#rulesAndTriggers(family, event);
    // Then the server does not write beneath it.
    if (family.triggers.some(({ isInsteadOf, events }) => isInsteadOf && events.has(event))) return;
    // A view that the server writes through is of one relation, and that stands first; in its text before 16 behind itself.
    const beneath = definition?.relations.find((oid) => oid !== relation.oid);
    const target = beneath === undefined ? undefined : this.#catalog.graph.relation(beneath);
    if (target === undefined) this.#touched.add('everything');
    else this.relation(target, event);
  }

  #family(family: Family, event: WriteEvent): void {
    if (!this.#isNew(family, event)) return;
    if (family.hasForeignTable) this.#touched.add('everything');
    this.#touched.add([family.name]);
    this.#rulesAndTriggers(family, event);
    for (const cascade of family.cascades) {
      if (cascade.event === event) this.#family(cascade.to, cascade.does);
    }
  }

  #rulesAndTriggers(family: Family, event: WriteEvent): void {
    if (family.rules.has(event)) this.#touched.add('everything');
    // An update may move a row to another partition, which deletes and inserts.
    const fired = family.isPartitioned && event === 'update' ? EVENTS : [event];
    for (const trigger of family.triggers) {
      if (fired.some((each) => trigger.events.has(each))) this.#trigger(trigger);
    }
  }

  #trigger({ schema, fn, extension }: UserTrigger): void {
    const writes = this.#declared.get(fn)?.writes;
    if (writes !== undefined) {
      for (const name of writes) this.#named(name);
      return;
    }
    // Those of the server change the row at hand; ours tell of changes.
    const isHarmless = schema === 'pg_catalog' || schema === 'cdb' || OF_THE_ROW.has(extension ?? '');
    if (!isHarmless) this.#touched.add('everything');
  }

  /** It was declared that it is written, so in any way. */
  #named(name: string): void {
    const relation = this.#catalog.graph.relationNamed(name);
    if (relation === undefined) this.#touched.add('everything');
    else for (const event of EVENTS) this.relation(relation, event);
  }

  #isNew({ name }: Family, event: WriteEvent): boolean {
    const key = `${event} ${name}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}
