import { UsageError, ValidationError } from '../../contract/errors.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { faultOf } from '../values/refuse.ts';
import { didYouMean, shown } from './did-you-mean.ts';
import { tellRowsApart } from './key-option.ts';
import type { SortKey } from './order.ts';
import { mayName, type StatementScope } from './statement-scope.ts';

interface Position {
  readonly key: SortKey;
  /** The parameter with its cast; undefined for null. */
  readonly parameter: string | undefined;
}

/**
 * Writes the condition for the rows that come after `after` in the order of the keys.
 *
 * With all keys in one direction and none nullable it is one row comparison, for which an index on them is
 * enough. Otherwise it is the chain "further in the first key, or equal there and further in the second, or …",
 * where null has the position that the order gives it.
 *
 * Throws ValidationError unless `after` has a value or null for each key, UsageError unless the order is
 * unique: rows with equal keys would be skipped silently.
 */
export function keysetCondition(after: unknown, keys: readonly SortKey[], scope: StatementScope): string {
  const positions = readPositions(after, keys, scope);
  assertTotal(keys, scope);
  const [first] = positions;
  if (first === undefined) return '';
  const oneDirection = positions.every(
    ({ key, parameter }) =>
      parameter !== undefined && !key.operand.nullable && key.descending === first.key.descending,
  );
  if (oneDirection) {
    const columns = positions.map(({ key }) => key.operand.expression).join(', ');
    const parameters = positions.map(({ parameter }) => parameter).join(', ');
    const symbol = first.key.descending ? '<' : '>';
    return positions.length === 1
      ? `${columns} ${symbol} ${parameters}`
      : `(${columns}) ${symbol} (${parameters})`;
  }
  const alternatives: string[] = [];
  const equal: string[] = [];
  for (const position of positions) {
    const further = furtherIn(position);
    if (further !== undefined) alternatives.push(`(${[...equal, further].join(' and ')})`);
    equal.push(equalIn(position));
  }
  if (alternatives.length === 0) return 'false';
  const chain = alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' or ')})`;
  return `${boundOfFirst(first)}${chain}`;
}

function readPositions(after: unknown, keys: readonly SortKey[], scope: StatementScope): readonly Position[] {
  if (keys.length === 0) {
    throw new UsageError("The option 'after' needs the option 'orderBy': it is a position in that order.");
  }
  if (!isPlainObject(after)) {
    throw new (faultOf(after))(
      "The option 'after' must be an object with a value for each column of 'orderBy'.",
    );
  }
  const names = keys.map(({ operand }) => operand.name);
  for (const name of Object.keys(after)) {
    // The whole last row of the previous page is allowed. A name that is not a column is a mistake.
    if (!names.includes(name) && !scope.shape.columns.has(name)) {
      throw new ValidationError(
        `The option 'after' has ${shown(name)}, which is not a column of "${scope.shape.relation.name}".${didYouMean(name, names)}`,
      );
    }
  }
  return keys.map((key) => {
    const { operand } = key;
    const isGiven = Object.hasOwn(after, operand.name);
    const value = isGiven ? after[operand.name] : undefined;
    if (value === undefined) {
      // A request may leave a property out, but holds no undefined.
      throw new (isGiven ? UsageError : ValidationError)(
        `The option 'after' has no "${operand.name}". It must have a value, or null, for each column of 'orderBy'.`,
        { field: operand.name },
      );
    }
    if (value === null) return { key, parameter: undefined };
    const encoded = operand.encode(value, `'after' for ${operand.place}`, operand.modifier);
    return { key, parameter: `${scope.binding.add(encoded, operand)}${operand.cast}` };
  });
}

/** Views have no keys in the catalog, so there the caller must ensure it. */
function assertTotal(keys: readonly SortKey[], scope: StatementScope): void {
  const { relation, columns: shaped } = scope.shape;
  if (relation.uniqueKeys.length === 0) return;
  // A path can have the same name as a column.
  const ordered = keys
    .map(({ operand }) => operand)
    .filter((operand) => shaped.get(operand.name) === operand)
    .map(({ name }) => name);
  if (tellRowsApart(relation, ordered)) return;
  const missing = relation.primaryKey.filter((name) => !ordered.includes(name));
  throw new UsageError(
    `Paging with 'after' needs a unique order of the rows of "${relation.name}". Add ${
      missing.length > 0 && missing.every((name) => mayName(scope, name))
        ? missing.map((name) => `"${name}"`).join(', ')
        : 'a unique column that is not null'
    } at the end of 'orderBy'.`,
  );
}

function furtherIn({ key, parameter }: Position): string | undefined {
  const { expression, nullable } = key.operand;
  if (parameter === undefined) return key.nullsFirst ? `${expression} is not null` : undefined;
  const further = `${expression} ${key.descending ? '<' : '>'} ${parameter}`;
  return nullable && !key.nullsFirst ? `(${further} or ${expression} is null)` : further;
}

function equalIn({ key, parameter }: Position): string {
  const { expression } = key.operand;
  return parameter === undefined ? `${expression} is null` : `${expression} = ${parameter}`;
}

/** Repeats the condition on the first key in a form for which an index on it can be used. */
function boundOfFirst({ key, parameter }: Position): string {
  const { expression, nullable } = key.operand;
  if (parameter === undefined || nullable) return '';
  return `${expression} ${key.descending ? '<=' : '>='} ${parameter} and `;
}
