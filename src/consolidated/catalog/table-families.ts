import type { RelationGraphRows } from './relation-graph-rows.ts';

export type WriteEvent = 'insert' | 'update' | 'delete';

/**
 * A relation with its partitions and all that inherit from it, to any depth: a row of one may be read and written through
 * another. Most are of one relation.
 */
export interface Family {
  /** `schema.name` of the one at the top; the first by name, where a table inherits from several. */
  readonly name: string;
  readonly hasForeignTable: boolean;
  readonly isPartitioned: boolean;
  readonly triggers: readonly UserTrigger[];
  /** Events that a rule changes or adds to. */
  readonly rules: ReadonlySet<WriteEvent>;
  readonly cascades: readonly Cascade[];
  /** Every change is told on the channel of changes: each relation of it has the trigger of `cdb.watch_table`. */
  readonly isWatched: boolean;
}

/** But for those by which the server keeps foreign keys and constraints. */
export interface UserTrigger {
  readonly events: ReadonlySet<WriteEvent>;
  readonly isInsteadOf: boolean;
  readonly schema: string;
  /** `schema.name` */
  readonly fn: string;
  readonly extension: string | undefined;
}

/** What a foreign key does to rows that refer. */
interface Cascade {
  readonly event: 'update' | 'delete';
  readonly does: 'update' | 'delete';
  readonly to: Family;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Growing extends Mutable<Family> {
  readonly triggers: UserTrigger[];
  readonly rules: Set<WriteEvent>;
  readonly cascades: Cascade[];
}

/** Bits of `tgtype`. */
const TRIGGER_EVENTS = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
] as const;
const INSTEAD_OF = 64;
/** Insert, delete, update, truncate. */
const ALL_CHANGES = 4 | 8 | 16 | 32;

const RULE_EVENTS: ReadonlyMap<string, WriteEvent> = new Map([
  ['2', 'update'],
  ['3', 'insert'],
  ['4', 'delete'],
]);

/** The family of each relation by its OID. */
export function linkFamilies(rows: RelationGraphRows): ReadonlyMap<number, Family> {
  const families = groupFamilies(rows);
  for (const [relation, type, schema, name, extension] of rows.triggers) {
    families.get(relation)?.triggers.push({
      events: new Set(TRIGGER_EVENTS.filter(([bit]) => (type & bit) !== 0).map(([, event]) => event)),
      isInsteadOf: (type & INSTEAD_OF) !== 0,
      schema,
      fn: `${schema}.${name}`,
      extension: extension ?? undefined,
    });
  }
  for (const [relation, event] of rows.rules) {
    const known = RULE_EVENTS.get(event);
    const events: readonly WriteEvent[] = known === undefined ? ['insert', 'update', 'delete'] : [known];
    for (const each of events) families.get(relation)?.rules.add(each);
  }
  for (const [referenced, referring, onUpdate, onDelete] of rows.cascades) {
    const to = families.get(referring);
    const cascades = families.get(referenced)?.cascades;
    if (to === undefined || cascades === undefined) continue;
    if ('cnd'.includes(onUpdate)) cascades.push({ event: 'update', does: 'update', to });
    if (onDelete === 'c') cascades.push({ event: 'delete', does: 'delete', to });
    if ('nd'.includes(onDelete)) cascades.push({ event: 'delete', does: 'update', to });
  }
  return families;
}

function groupFamilies({ relations, inherits, triggers }: RelationGraphRows): Map<number, Growing> {
  const neighbours = new Map<number, number[]>();
  for (const [child, parent] of inherits) {
    addTo(neighbours, child, parent);
    addTo(neighbours, parent, child);
  }
  const children = new Set(inherits.map(([child]) => child));
  const watched = new Set(triggers.filter(tellsOfChanges).map(([relation]) => relation));
  const byOid = new Map(relations.map((row) => [row[0], row]));
  const families = new Map<number, Growing>();
  for (const [oid] of relations) {
    if (families.has(oid)) continue;
    const members = new Set([oid]);
    for (const member of members) for (const next of neighbours.get(member) ?? []) members.add(next);
    const known = [...members].map((member) => byOid.get(member)).filter((row) => row !== undefined);
    const tops = known.filter(([member]) => !children.has(member));
    const family: Growing = {
      name: tops.map(([, schema, name]) => `${schema}.${name}`).sort()[0]!,
      hasForeignTable: known.some(([, , , relkind]) => relkind === 'f'),
      isPartitioned: known.some(([, , , relkind]) => relkind === 'p'),
      isWatched: known.every(([member]) => watched.has(member)),
      triggers: [],
      rules: new Set(),
      cascades: [],
    };
    for (const member of members) families.set(member, family);
  }
  return families;
}

/** As `cdb.watch_table` makes it. */
function tellsOfChanges([, type, schema, name]: RelationGraphRows['triggers'][number]): boolean {
  return schema === 'cdb' && name === 'tell_change' && (type & ALL_CHANGES) === ALL_CHANGES;
}

function addTo(neighbours: Map<number, number[]>, from: number, to: number): void {
  const known = neighbours.get(from);
  if (known === undefined) neighbours.set(from, [to]);
  else known.push(to);
}
