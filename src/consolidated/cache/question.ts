import { isPlainObject } from '../values/plain-object.ts';

/** What a call of a read was given. */
export interface Asking {
  readonly method: string;
  readonly schema: string;
  /** Of the table or function. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Arguments of a function. */
  readonly args?: unknown;
}

/**
 * What is asked, as text: equal texts are the same question, for one catalog. So a question that was answered need not be
 * compiled again.
 *
 * It knows the plain ones, which most are: names, texts, numbers, booleans and null. Undefined for all others, such as
 * operators.
 */
export function questionOf({ method, schema, name, options, args }: Asking): string | undefined {
  if (typeof name !== 'string') return undefined;
  let text = `${method} ${schema.length}:${schema} ${name.length}:${name}`;
  if (args !== undefined) {
    const given = plainEntries(args);
    if (given === undefined) return undefined;
    text += ` (${given})`;
  }
  for (const option in options) {
    if (option === 'cache' || !Object.hasOwn(options, option)) continue;
    const value = optionText(option, options[option]);
    if (value === undefined) return undefined;
    text += ` ${option} ${value}`;
  }
  return text;
}

function optionText(option: string, value: unknown): string | undefined {
  switch (option) {
    case 'columns':
      return Array.isArray(value) ? namesText(value) : undefined;
    case 'filters': {
      const filters = plainEntries(value);
      return filters === undefined ? undefined : `{${filters}}`;
    }
    case 'orderBy':
    case 'limit':
    case 'offset':
      return plainText(value);
    // They say how the call is made, not what it asks.
    case 'timeoutMs':
    case 'signal':
    case 'label':
    case 'mode':
      return '';
    default:
      return undefined;
  }
}

function namesText(names: readonly unknown[]): string | undefined {
  let text = '';
  for (const name of names) {
    if (typeof name !== 'string') return undefined;
    text += `${name.length}:${name},`;
  }
  return text;
}

function plainEntries(value: unknown): string | undefined {
  if (!isPlainObject(value)) return undefined;
  let text = '';
  for (const name in value) {
    if (!Object.hasOwn(value, name)) return undefined;
    const one = plainText(value[name]);
    if (one === undefined) return undefined;
    text += `${name.length}:${name}=${one},`;
  }
  return text;
}

/** Each kind of value begins with another letter, and a text says how long it is. */
function plainText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return value === null ? '-' : undefined;
  }
}
