import { UsageError, type ValidationError } from '../../contract/errors.ts';
import { isPlainObject, NOTHING } from '../values/plain-object.ts';
import { didYouMean, shown } from './did-you-mean.ts';

/** Options of the call, not of the statement; the service reads these before it compiles. */
export const CALL_OPTIONS = ['mode', 'timeoutMs', 'signal', 'label'] as const;

/**
 * The options by their own properties, each read once: what somebody added to the prototype of all objects is none.
 * What is no plain object is left to `checkOptions` to refuse.
 */
export function ownOptions<T extends object>(options: T): T {
  if ((options as object) === NO_OPTIONS || !isPlainObject(options)) return options;
  // Half the time of a spread into `{ __proto__: NOTHING }`.
  return Object.assign(Object.create(NOTHING) as object, options) as T;
}

/** No options, and none by inheritance. */
export const NO_OPTIONS: Readonly<Record<never, never>> = Object.freeze({ __proto__: NOTHING } as object);

/** The options that a method knows. */
export function optionNames(method: string, ...names: readonly string[]): KnownOptions {
  return { method, names: new Set([...names, ...CALL_OPTIONS]) };
}

export interface KnownOptions {
  readonly method: string;
  readonly names: ReadonlySet<string>;
}

/** Throws UsageError for an option that the method does not know, so that a misspelt filter is never ignored. */
export function checkOptions(options: object, known: KnownOptions): void {
  if (!isPlainObject(options)) {
    throw new UsageError(`The options of ${known.method} must be a plain object.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.names.has(name)) {
      throw new UsageError(`${known.method} has no option ${shown(name)}.${didYouMean(name, known.names)}`, {
        code: 'UNKNOWN_OPTION',
      });
    }
  }
}

/**
 * Throws unless the value is a whole number of at least `minimum`.
 *
 * @param Fault ValidationError for what a request gives, such as a page
 */
export function wholeNumber(
  value: unknown,
  option: string,
  minimum = 0,
  Fault: typeof UsageError | typeof ValidationError = UsageError,
): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum) {
    const given =
      typeof value === 'number' ? String(value) : value === null ? 'null' : `of type ${typeof value}`;
    throw new Fault(`The option '${option}' must be a whole number of at least ${minimum}. It was ${given}.`);
  }
  return value;
}

/** Throws UsageError unless the value is true, false or left out. */
export function flag(value: unknown, option: string): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') {
    throw new UsageError(`The option '${option}' must be true or false. It was of type ${typeof value}.`);
  }
  return value;
}

/** Throws UsageError unless the value is one of those allowed, or left out. */
export function oneOf<T extends string>(
  value: unknown,
  option: string,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((name) => name === value);
  if (found === undefined) {
    throw new UsageError(
      `The option '${option}' must be one of ${allowed.join(', ')}. It was ${typeof value === 'string' ? shown(value) : `of type ${typeof value}`}.`,
    );
  }
  return found;
}
