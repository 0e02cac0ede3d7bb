import type { Asking } from '../call/ready-statement.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { type WordNode, WordTree } from './word-tree.ts';

const isOwn = Object.prototype.hasOwnProperty;

const ARGUMENTS = Symbol('arguments');
/** Of names, or of names and values: no word is one. */
const END = Symbol('end');

/**
 * Keys for questions: equal keys are the same question of the same reader, for one catalog. So a question that was answered
 * need not be compiled again.
 *
 * It knows the plain ones, which most are: names, texts, numbers, booleans and null. Undefined for all others, such as
 * operators.
 */
export class Questions {
  readonly #asked: WordTree;

  /** @param maxBytes that may be taken to know questions again */
  constructor(maxBytes: number) {
    this.#asked = new WordTree(maxBytes);
  }

  /** Taken by what was asked. */
  get bytes(): number {
    return this.#asked.bytes;
  }

  forget(): void {
    this.#asked.forget();
  }

  /** @param reader number of who asks */
  keyOf({ method, schema, name, options, value }: Asking, reader: number): string | undefined {
    if (typeof name !== 'string' || !isPlainObject(options)) return undefined;
    const tree = this.#asked;
    let place: WordNode | undefined = tree.root().to(schema, tree).to(method, tree).to(name, tree);
    if (value !== undefined) {
      place = afterEntries(place.to(ARGUMENTS, tree), value, tree);
      if (place === undefined) return undefined;
    }
    for (const option in options) {
      if (!isOwn.call(options, option)) continue;
      place = afterOption(place, option, options[option], tree);
      if (place === undefined) return undefined;
    }
    return place.to(reader, tree).text(tree);
  }
}

function afterOption(place: WordNode, option: string, value: unknown, tree: WordTree): WordNode | undefined {
  switch (option) {
    case 'columns':
    case 'key':
      return Array.isArray(value) ? afterNames(place.to(option, tree), value, tree) : undefined;
    case 'filters':
      return afterEntries(place.to(option, tree), value, tree);
    case 'orderBy':
    case 'limit':
    case 'offset':
      return isPlain(value) ? place.to(option, tree).to(value, tree) : undefined;
    // They say how the call is made, not what it asks.
    case 'cache':
    case 'timeoutMs':
    case 'signal':
    case 'label':
    case 'mode':
      return place;
    default:
      return undefined;
  }
}

function afterNames(before: WordNode, names: readonly unknown[], tree: WordTree): WordNode | undefined {
  let place = before;
  // By index: an iterator of somebody's own does not tell what is compiled.
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (typeof name !== 'string') return undefined;
    place = place.to(name, tree);
  }
  return place.to(END, tree);
}

function afterEntries(before: WordNode, entries: unknown, tree: WordTree): WordNode | undefined {
  if (!isPlainObject(entries)) return undefined;
  let place = before;
  for (const name in entries) {
    if (!isOwn.call(entries, name)) return undefined;
    const value = entries[name];
    if (!isPlain(value)) return undefined;
    place = place.to(name, tree).to(value, tree);
  }
  return place.to(END, tree);
}

function isPlain(value: unknown): value is string | number | boolean | null {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}
