import { UsageError } from '../../contract/errors.ts';
import { setOwn } from '../../contract/own-property.ts';
import { Condition } from '../filters/condition.ts';
import { Operator, type OperatorNode } from '../filters/operator.ts';
import { Fragment } from '../raw-sql/fragment.ts';
import { JsonText } from '../values/json-text.ts';
import { isPlainObject, NOTHING } from '../values/plain-object.ts';
import { shown } from './did-you-mean.ts';

/** What is deeper is refused when it is compiled: JSON at 1,000 levels, all else long before. */
const MAX_LEVELS = 1_100;

/**
 * A copy of what a call was given, for a call that is compiled later: what the caller does to its own objects afterwards
 * has no effect.
 *
 * It is compiled to the same text and values as the original, and refused with the same errors. So all that may hold a
 * value is copied: plain objects, arrays, `Date`, bytes and typed arrays, what `toJSON` returns, operators, conditions and
 * fragments. The rest stays the same object: signals, functions, and what is refused anyway.
 *
 * Each property is read once. One whose getter throws becomes one that throws a UsageError.
 */
export function snapshot<T>(value: T): T {
  return new Copier().whole(value) as T;
}

type Container = Record<string, unknown>;

class Copier {
  /** An object that contains itself still does, and is refused for that. */
  readonly #copies = new Map<object, unknown>();
  readonly #unreadable: (readonly [copy: object, name: string])[] = [];

  whole(value: unknown): unknown {
    const copy = this.#copy(value, 0);
    // Last, so that nothing here reads them.
    for (const [object, name] of this.#unreadable) {
      Object.defineProperty(object, name, { get: () => refuseGetter(name), enumerable: true });
    }
    return copy;
  }

  #copy(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || depth > MAX_LEVELS) return value;
    try {
      return this.#copies.get(value) ?? this.#object(value, depth + 1);
    } catch {
      // A proxy whose traps throw.
      return UNREADABLE;
    }
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#array(value, depth);
    if (isPlainObject(value)) return this.#properties(value, depth);
    if (value instanceof Date) return dated(value);
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : sliced.call(value);
    return this.#part(value, depth) ?? this.#ofClass(value, depth);
  }

  #array(items: readonly unknown[], depth: number): object {
    const copy = this.#read(items, () => items.slice(), items.length) as unknown[];
    this.#copies.set(items, copy);
    for (let index = 0; index < copy.length; index++) {
      const item = copy[index];
      if (typeof item === 'object' && item !== null) copy[index] = this.#copy(item, depth);
    }
    return this.#withJson(items, copy, depth);
  }

  #properties(value: Readonly<Container>, depth: number): object {
    const inherits = Object.getPrototypeOf(value) === Object.prototype;
    const copy = this.#read(value, () =>
      inherits ? { ...value } : ({ __proto__: NOTHING, ...value } as Container),
    ) as Container;
    this.#copies.set(value, copy);
    for (const name of Object.keys(copy)) {
      const item = copy[name];
      if (typeof item === 'object' && item !== null) setOwn(copy, name, this.#copy(item, depth));
    }
    return this.#withJson(value, copy, depth);
  }

  /** All properties at once, or one by one where that throws. */
  #read(value: object, all: () => object, length?: number): object {
    try {
      return all();
    } catch {
      const copy: object = length === undefined ? {} : new Array<unknown>(length);
      for (const name of Object.keys(value)) {
        let item: unknown;
        try {
          item = (value as Container)[name];
        } catch {
          this.#unreadable.push([copy, name]);
        }
        setOwn(copy as Container, name, item);
      }
      return copy;
    }
  }

  /** The parts of a statement that hold values. */
  #part(value: object, depth: number): object | undefined {
    const operator = Operator.read(value);
    if (operator !== undefined) return new Operator(this.#operator(operator, depth));
    const condition = Condition.read(value);
    switch (condition?.kind) {
      case 'or':
      case 'and':
        return new Condition({ ...condition, parts: this.#each(condition.parts, depth) });
      case 'not':
        return new Condition({ kind: 'not', part: this.#copy(condition.part, depth) as Condition });
      case 'path':
        return new Condition({ ...condition, filter: this.#copy(condition.filter, depth) });
    }
    const fragment = Fragment.read(value);
    switch (fragment?.kind) {
      case 'template':
        return new Fragment({ ...fragment, parts: this.#each(fragment.parts, depth) });
      case 'join':
        return new Fragment({ ...fragment, fragments: this.#each(fragment.fragments, depth) });
      case undefined:
        return undefined;
      default:
        return value;
    }
  }

  #operator(node: OperatorNode, depth: number): OperatorNode {
    switch (node.kind) {
      case 'value':
        return { ...node, value: this.#copy(node.value, depth) };
      case 'in':
        return { ...node, values: this.#each(node.values, depth) };
      case 'not':
        return { ...node, operator: this.#operator(node.operator, depth) };
      default:
        return node;
    }
  }

  #each<T>(items: readonly T[], depth: number): readonly T[] {
    return items.map((item) => this.#copy(item, depth) as T);
  }

  /** Of an object of a class only what its toJSON returns may be a value. */
  #ofClass(value: object, depth: number): object {
    if (JsonText.read(value) !== undefined || !mayHaveJson(value)) return value;
    const copy = Object.create(Object.getPrototypeOf(value)) as object;
    this.#copies.set(value, copy);
    return this.#withJson(value, copy, depth);
  }

  /** With a toJSON that returns, or throws, what that of the original does now. */
  #withJson(value: object, copy: object, depth: number): object {
    let made: () => unknown;
    try {
      const { toJSON } = value as { readonly toJSON?: unknown };
      if (typeof toJSON !== 'function' || isOfAllObjects(toJSON)) return copy;
      const json = this.#copy(toJSON.call(value), depth);
      made = () => json;
    } catch (error) {
      made = () => {
        throw error;
      };
    }
    const enumerable = Object.hasOwn(copy, 'toJSON');
    return Object.defineProperty(copy, 'toJSON', { value: made, enumerable });
  }
}

function mayHaveJson(value: object): boolean {
  try {
    return typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
  } catch {
    return true;
  }
}

function isOfAllObjects(toJSON: unknown): boolean {
  return toJSON === Reflect.get(Object.prototype, 'toJSON');
}

/** Of its own class, whose methods may write it in another way. */
function dated(date: Date): Date {
  const copy = new Date(date.getTime());
  const prototype: unknown = Object.getPrototypeOf(date);
  return prototype === Date.prototype ? copy : Object.setPrototypeOf(copy, prototype as object);
}

/** For all kinds; of a Buffer its own `slice` would share the memory. */
const sliced = Object.getPrototypeOf(Uint8Array.prototype).slice as (this: ArrayBufferView) => object;

/** In place of an object that throws whatever it is asked: it throws an error that says so. */
const UNREADABLE: object = new Proxy(
  {},
  { getPrototypeOf: refuseObject, ownKeys: refuseObject, get: refuseObject, has: refuseObject },
);

function refuseObject(): never {
  throw new UsageError('An object that was passed could not be read: it threw an error.');
}

function refuseGetter(name: string): never {
  throw new UsageError(`The property ${shown(name)} could not be read: its getter failed.`);
}
