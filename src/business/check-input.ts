import type * as z from 'zod';
import { checkOptions, type optionNames, ownOptions } from '../consolidated/compile/check-options.ts';
import { didYouMean, shown } from '../consolidated/compile/did-you-mean.ts';
import { isPlainObject, NOTHING } from '../consolidated/values/plain-object.ts';
import { faultOf } from '../consolidated/values/refuse.ts';
import { ValidationError } from '../contract/errors.ts';

/** What an input is, and its fields: each with a schema whose only message is its rule, such as 'must be a UUID'. */
interface InputKind<Shape extends z.ZodRawShape> {
  /** With its article: 'a trip'. */
  readonly name: string;
  readonly fields: z.ZodObject<Shape, z.core.$strict>;
}

/** Told at most, so that a hostile input gets no endless answer. */
const MOST_TOLD = 5;

/**
 * The input after its rules: texts are trimmed, fields that are `undefined` are left out. Only own properties count.
 *
 * Throws ValidationError that names each field with its rule, never a value; its `field` is the first one. What is no plain object is
 * an error of the kind that `faultOf` says.
 */
export function checkInput<Shape extends z.ZodRawShape>(
  { name, fields }: InputKind<Shape>,
  input: unknown,
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  if (!isPlainObject(input)) throw new (faultOf(input))(`${capital(name)} must be an object of its fields.`);
  const result = fields.safeParse(givenFields(input));
  if (result.success) return ownOptions(result.data);
  const issues = result.error.issues.slice(0, MOST_TOLD);
  const faults = issues.flatMap((issue) => faultsOf(issue, name, fields.shape));
  // Once, however many elements of a list break a rule.
  const told = [...new Set(faults.map(({ text }) => text))];
  throw new ValidationError(told.slice(0, MOST_TOLD).join(' '), { field: faults[0]?.field });
}

/**
 * The options of a method by their own properties. Throws UsageError for one that the method does not know: what a module passes on
 * would be overwritten, or mean more rows than the module says.
 */
export function givenOptions<Options extends object>(
  options: Options,
  known: ReturnType<typeof optionNames>,
): Options {
  checkOptions(options, known);
  return ownOptions(options);
}

/** A copy without a prototype: what somebody put on the prototype of all objects is no field. */
function givenFields(input: Readonly<Record<string, unknown>>): object {
  const given = Object.create(NOTHING) as Record<string, unknown>;
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined) {
      Object.defineProperty(given, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return given;
}

interface Fault {
  readonly field: string | undefined;
  readonly text: string;
}

function faultsOf(issue: z.core.$ZodIssue, name: string, shape: object): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_TOLD).map((key) => ({
      // The name came with the request: it is shown in the message only, shortened and quoted.
      field: undefined,
      text: `${capital(name)} has no field ${shown(key)}.${didYouMean(key, Object.keys(shape))}`,
    }));
  }
  const field = issue.path.length === 0 ? undefined : String(issue.path[0]);
  return [{ field, text: `The field '${field}' of ${name} ${issue.message}.` }];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
