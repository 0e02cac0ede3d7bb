import type { DatabaseError } from '../../contract/errors.ts';
import { namesOf, type ServerNames } from '../../contract/server-names.ts';
import type { Statement } from '../../contract/statement.ts';
import type { Catalog, Relation } from '../catalog/model.ts';
import { scan } from '../raw-sql/scan.ts';

/** Who is told of an error, and what they know already. */
export interface Recipient {
  /** Undefined where none was read. */
  readonly catalog: Catalog | undefined;
  /** The role of the caller; undefined where the call did not get so far. */
  readonly role: string | undefined;
  readonly schemas: readonly string[];
  readonly statements: readonly Statement[];
}

/**
 * The error without the names that the caller's role has no right on, such as that of a table that a trigger, a view or a policy
 * uses. Names in the text of the statement stay, and a role that no policy applies to is told everything.
 */
export function tellable<E extends DatabaseError>(error: E, recipient: Recipient): DatabaseError {
  const names = namesOf(error);
  if (names === undefined) return error;
  const { catalog, role } = recipient;
  if (role !== undefined && catalog?.bypassesRowSecurity(role) === true) return error;
  if (!mayTell(names, recipient)) return names.without('all');
  return mayTellColumns(names, error.field, recipient) ? error : names.without('column');
}

/** The relation that the server spoke of. Without its schema it is the first of that name in the schemas of the service. */
export function relationOf(
  { schema, relation }: ServerNames,
  { catalog, schemas }: Recipient,
): Relation | undefined {
  if (relation === undefined) return undefined;
  const all = schema === undefined ? schemas : [schema];
  return all.map((name) => catalog?.relation(name, relation)).find((found) => found !== undefined);
}

/** Rights are those of the whole table, where the server speaks of one of its partitions. */
function wholeOf(names: ServerNames, recipient: Recipient): Relation | undefined {
  const relation = relationOf(names, recipient);
  if (relation?.partOf === undefined) return relation;
  return recipient.catalog?.relation(relation.partOf.schema, relation.partOf.name);
}

function mayTell(names: ServerNames, recipient: Recipient): boolean {
  const { relation, function: fn } = names;
  const { catalog, role = '', schemas } = recipient;
  if (fn !== undefined) {
    const isVisible = schemas.some((schema) =>
      catalog?.functions(schema, fn).some(({ visibleTo }) => visibleTo.has(role)),
    );
    return isVisible || isInText(fn, recipient);
  }
  if (relation === undefined) return false;
  return wholeOf(names, recipient)?.visibleTo.has(role) === true || isInText(relation, recipient);
}

/** A constraint is named for its columns, so it is told where they are. */
function mayTellColumns(names: ServerNames, field: string | undefined, recipient: Recipient): boolean {
  const relation = wholeOf(names, recipient);
  const { constraint = '', column } = names;
  const ofKey = relationOf(names, recipient)?.uniqueKeysByName.get(constraint) ?? [];
  return [column, field, ...ofKey].every(
    (name) =>
      name === undefined ||
      relation?.columns.get(name)?.visibleTo.has(recipient.role ?? '') === true ||
      isInText(name, recipient),
  );
}

/** The statement itself has the name, so that whoever sent it knows it. */
function isInText(name: string, { statements }: Recipient): boolean {
  return statements.some(({ plan: { text } }) =>
    scan(text).tokens.some(({ kind, text: written }) =>
      kind === 'name' ? written.slice(1, -1).replaceAll('""', '"') === name : written === name,
    ),
  );
}
