import { UsageError, ValidationError } from '../../contract/errors.ts';
import { keepShape } from '../../contract/kept-shapes.ts';
import { Condition } from '../filters/condition.ts';
import { Operator } from '../filters/operator.ts';
import { JsonPath } from '../filters/path.ts';
import { JsonText } from '../values/json-text.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { NO_SCOPE } from './no-scope.ts';
import { equalitySql, operatorSql } from './operator-sql.ts';
import { pathOperand } from './path-operand.ts';
import type { Operand } from './relation-shape.ts';
import { type StatementScope, shapedColumn } from './statement-scope.ts';

const MAX_DEPTH = 32;
const MAX_CONDITIONS = 1000;

/**
 * Writes the option `filters` as the condition of a WHERE; '' if it is absent, or has no condition.
 *
 * They are a filter object by column name, or a list of filter objects and conditions that must all match. An undefined
 * one is refused: it would be every row, where the caller meant some.
 */
export function writeWhere(options: { readonly filters?: unknown }, scope: StatementScope): string {
  if (!Object.hasOwn(options, 'filters')) return '';
  if (options.filters === undefined) {
    throw new UsageError(
      "The option 'filters' is undefined, which would match every row. Leave the property out to read all rows, or give all: true to change all.",
    );
  }
  return new WhereWriter(scope).filters(options.filters);
}

class WhereWriter {
  readonly #scope: StatementScope;
  #conditions = 0;

  constructor(scope: StatementScope) {
    this.#scope = scope;
  }

  filters(filters: unknown): string {
    if (!Array.isArray(filters)) return this.#part(filters, 1);
    const texts: string[] = [];
    for (const part of filters) {
      const text = this.#part(part, 1);
      if (text !== '') texts.push(text);
    }
    return texts.join(' and ');
  }

  /** A filter object or a condition; its text can be joined with `and`. */
  #part(part: unknown, depth: number): string {
    const condition = Condition.read(part);
    if (condition !== undefined) return this.#condition(condition, depth);
    if (!isPlainObject(part)) throw misplaced(part);
    let text = '';
    for (const name of Object.keys(part)) {
      const column = shapedColumn(this.#scope, name);
      const one = this.#compare(column, part[name]);
      text = text === '' ? one : `${text} and ${one}`;
    }
    return text;
  }

  #condition(node: NonNullable<ReturnType<typeof Condition.read>>, depth: number): string {
    if (depth > MAX_DEPTH) {
      throw new ValidationError(`Filters can have at most ${MAX_DEPTH} levels of op.or, op.and and op.not.`);
    }
    switch (node.kind) {
      case 'not':
        return `not (${this.#required(node.part, depth + 1, 'not')})`;
      case 'path': {
        const path = JsonPath.read(node.path);
        if (path === undefined) throw misplaced(node.path);
        return this.#compare(pathOperand(this.#scope, path), node.filter);
      }
      case 'or':
      case 'and': {
        const texts = node.parts.map((part) => this.#required(part, depth + 1, node.kind));
        return texts.length === 1
          ? texts[0]!
          : `(${texts.map((text) => `(${text})`).join(` ${node.kind} `)})`;
      }
    }
  }

  /** Within `or`, a part without conditions would match every row. */
  #required(part: unknown, depth: number, name: string): string {
    const text = this.#part(part, depth);
    if (text === '') {
      throw new UsageError(`op.${name} has a filter object without conditions: it would match every row.`);
    }
    return text;
  }

  #compare(operand: Operand, filter: unknown): string {
    this.#conditions++;
    if (this.#conditions > MAX_CONDITIONS) {
      throw new ValidationError(
        `Filters can have at most ${MAX_CONDITIONS} conditions. op.in counts as one, however many values it has.`,
      );
    }
    const { binding } = this.#scope;
    switch (typeof filter) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'bigint':
        return equalitySql(operand, filter, binding);
      case 'object': {
        if (filter === null) return `${operand.expression} is null`;
        const operator = Operator.read(filter);
        if (operator !== undefined) return operatorSql(operand, operator, binding);
        return this.#compareObject(operand, filter);
      }
      case 'undefined':
        throw new UsageError(
          `The filter on ${operand.place} is undefined. Leave it out, or use null for IS NULL.`,
          { field: operand.name },
        );
      default:
        throw new UsageError(`The filter on ${operand.place} must not be a ${typeof filter}.`, {
          field: operand.name,
        });
    }
  }

  #compareObject(operand: Operand, filter: object): string {
    if (Array.isArray(filter)) {
      throw new ValidationError(
        `The filter on ${operand.place} is an array. Use op.in([…]) for one of several values${
          operand.type.kind === 'array' ? ', op.eq([…]) for an equal array' : ''
        }.`,
        { field: operand.name },
      );
    }
    const isValue =
      filter instanceof Date ||
      filter instanceof Uint8Array ||
      filter instanceof ArrayBuffer ||
      JsonText.read(filter) !== undefined ||
      (isPlainObject(filter) && (operand.type.name === 'json' || operand.type.name === 'jsonb'));
    if (isValue) return equalitySql(operand, filter, this.#scope.binding);
    throw new ValidationError(
      `The filter on ${operand.place} is an object. It must be a plain value, null, or an operator such as op.gte(1). An object that only looks like an operator is not one.`,
      { field: operand.name },
    );
  }
}

keepShape(new WhereWriter(NO_SCOPE));

function misplaced(part: unknown): UsageError {
  const given = part === null ? 'null' : Array.isArray(part) ? 'an array' : typeof part;
  const hint =
    Operator.read(part) !== undefined
      ? 'an operator without a column'
      : JsonPath.read(part) !== undefined
        ? 'a path without .where(…)'
        : given;
  return new UsageError(
    `Filters must be an object by column name, or a list of such objects and conditions (op.or, op.and, op.not, path(…).where). Found ${hint}.`,
  );
}
