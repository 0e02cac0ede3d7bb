import { CommandLineError } from './exit-code.ts';

/** Names given with commas, in the order of those allowed; all of them where nothing was given. */
export function oneOrMore<T extends string>(
  option: string,
  given: string | undefined,
  allowed: readonly T[],
): readonly T[] {
  if (given === undefined) return allowed;
  const names = given.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!allowed.some((each) => each === name)) {
      throw new CommandLineError(
        `${option} must be one of ${allowed.join(', ')}. It was ${JSON.stringify(name)}.`,
      );
    }
  }
  return allowed.filter((each) => names.includes(each));
}

export function positiveNumber(option: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new CommandLineError(`${option} must be a number above 0. It was ${JSON.stringify(given)}.`);
}

export function wholeNumber(option: string, given: string | undefined, otherwise: number): number {
  const value = positiveNumber(option, given, otherwise);
  if (Number.isInteger(value)) return value;
  throw new CommandLineError(`${option} must be a whole number. It was ${value}.`);
}
