import { detailsOf, ValidationError } from '../../contract/errors.ts';
import { type RefusedValue, refusedValueOf } from '../../contract/refused-value.ts';
import type { BoundTarget, BoundValue } from '../compile/binding.ts';
import { leafOf } from '../values/leaf-type.ts';
import type { Call } from './call.ts';

/**
 * The error of a value that only the server refused, with the column or argument that the value was for. The server names
 * none: it says which bound value it is, or quotes it, or tells the type. So the statement is compiled once more, to see what
 * was bound for what; nothing is kept for that on the way of a call that works.
 */
export function withBlamedColumn(error: ValidationError, call: Call<unknown>): ValidationError {
  const refused = refusedValueOf(error);
  if (refused === undefined || error.field !== undefined) return error;
  const targets = targetsOf(refused, call.boundBy(refused.statement));
  const [only, ...others] = targets;
  if (only === undefined) return error;
  const details = detailsOf(error);
  if (others.length === 0) {
    const message = `Postgres refused the value of ${only.place}: ${refused.said}.`;
    return new ValidationError(message, { ...details, field: only.name });
  }
  const places = targets.map(({ place }) => place).join(' or ');
  return new ValidationError(`Postgres refused the value of ${places}: ${refused.said}.`, details);
}

/** Those that the value may have been for, each once. */
function targetsOf(refused: RefusedValue, bound: readonly BoundValue[]): readonly BoundTarget[] {
  const { parameter, sqlState } = refused;
  if (parameter !== undefined) return unique(bound.filter((value) => value.parameter === parameter));
  if (PATTERN_FAULTS.has(sqlState)) return unique(bound.filter(({ isPattern }) => isPattern));
  if (refused.text === undefined && refused.type === undefined) return [];
  const fitting = bound.filter(({ target }) => isOfType(target, refused.type));
  return unique(fitting.filter(({ target, texts }) => texts.some((text) => mayBe(text, target, refused))));
}

/** Of a regular expression, and of `like`. */
const PATTERN_FAULTS: ReadonlySet<string> = new Set(['2201B', '22025']);

function unique(values: readonly BoundValue[]): readonly BoundTarget[] {
  const byPlace = new Map(values.map(({ target }) => [target.place, target]));
  return [...byPlace.values()];
}

/** Whether the server would call the type, or that of its elements, so: `date`, `character varying(3)`, `numeric(5,2)`. */
function isOfType(target: BoundTarget, said: string | undefined): boolean {
  if (said === undefined) return true;
  const [, name = '', limits] = /^(.*?)(?:\((.*)\))?$/s.exec(said) ?? [];
  const leaf = leafOf(target.type);
  const names = [leaf.sql, leaf.name, `${leaf.schema}.${leaf.name}`];
  if (!names.includes(name === 'character' ? 'bpchar' : name)) return false;
  return limits === undefined || hasLimitsOfDomain(target) || limits === limitsOf(leaf.name, target.modifier);
}

function hasLimitsOfDomain({ column, modifier }: BoundTarget): boolean {
  return modifier === -1 && column !== undefined && column.type.kind === 'domain';
}

/** From `atttypmod`, which counts four bytes more. */
function limitsOf(type: string, modifier: number): string {
  if (type !== 'numeric') return type.includes('bit') ? `${modifier}` : `${modifier - 4}`;
  return `${(modifier - 4) >> 16},${scaleOf(modifier)}`;
}

function scaleOf(modifier: number): number {
  return (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
}

function mayBe(text: string | null, target: BoundTarget, { text: quoted }: RefusedValue): boolean {
  if (text === null) return false;
  const { type, modifier } = target;
  const leaf = leafOf(type);
  const isArray = leaf !== type;
  if (quoted !== undefined) return isArray ? text.includes(quoted) : text === quoted;
  if (isArray || hasLimitsOfDomain(target)) return true;
  if (leaf.name === 'varchar' || leaf.name === 'bpchar') return [...text].length > modifier - 4;
  if (leaf.name !== 'numeric') return true;
  const digits = ((modifier - 4) >> 16) - scaleOf(modifier);
  return Math.abs(Number(text)) >= 10 ** digits - 0.5 * 10 ** -scaleOf(modifier);
}
