import type { AcceptedValues } from '../values/accepted.ts';
import type { SchemaShape } from './schema-names.ts';

/** The functions of a schema, by name. An overloaded one is a union of its signatures. */
export type FunctionsOf<S> = S extends { Functions: infer Functions extends SchemaShape['Functions'] }
  ? Functions
  : never;

/** All signatures of one function. */
export type FunctionOf<S, Name> = Name extends keyof FunctionsOf<S> ? FunctionsOf<S>[Name] : never;

/** Argument names; none if the generator wrote `Record<PropertyKey, never>` or, in other releases, `never`. */
type ArgNames<Args> = [Args] extends [never]
  ? never
  : [Args[keyof Args]] extends [never]
    ? never
    : keyof Args;

/**
 * Whether argument names match a signature: all required ones are given, and no unknown ones. Types do not
 * matter, because the service also chooses by name.
 */
type Fits<Args, Given> = [keyof Given] extends [ArgNames<Args>]
  ? [ArgNames<Args>] extends [never]
    ? true
    : Pick<Args, keyof Given & keyof Args> extends Args
      ? true
      : false
  : false;

type Chosen<Signature, Given> = Signature extends { Args: infer Args }
  ? Fits<Args, Given> extends true
    ? Signature
    : never
  : never;

type Candidates<Signature, Given> = [Chosen<Signature, Given>] extends [never]
  ? Signature
  : Chosen<Signature, Given>;

/**
 * What the arguments are checked against. If no signature matches, each of them refuses the names that only
 * others have, so that no mixture is accepted. The generator marks functions that cannot be called by name with
 * `{ error: true } & 'the reason'`: then the compiler's message contains the reason.
 */
type ArgsFor<Signature, Others> = Signature extends { Args: infer Args; Returns: infer Returns }
  ? Returns extends { error: true }
    ? Returns
    : [ArgNames<Args>] extends [never]
      ? Record<PropertyKey, never>
      : [Exclude<Others, keyof Args>] extends [never]
        ? AcceptedValues<Args>
        : AcceptedValues<Args> & { [Name in Exclude<Others, keyof Args> & PropertyKey]?: never }
  : never;

type AllNames<Signature> = Signature extends { Args: infer Args } ? ArgNames<Args> : never;

/** The arguments of a call without arguments. */
export type NoArguments = Record<never, never>;

/**
 * What follows the name in `rpc(name, …)`. `Given` is inferred from the arguments: it is in a branch
 * that is never taken, so that the arguments themselves are checked against the signature, and an unknown
 * or missing one is reported in the right place.
 */
export type RpcParameters<Signature, Given, Options> =
  CallableWithout<Signature> extends true
    ? [args?: Checked<Signature, Given>, options?: Options]
    : [args: Checked<Signature, Given>, options?: Options];

type Checked<Signature, Given> = [Signature] extends [never]
  ? Given
  : ArgsFor<Candidates<Signature, Given>, AllNames<Candidates<Signature, Given>>>;

type CallableWithout<Signature> = true extends (
  Signature extends { Args: infer Args }
    ? Fits<Args, NoArguments>
    : never
)
  ? true
  : false;

/** What the chosen signature returns; of several, one of theirs. */
export type RpcReturns<Signature, Given> =
  Candidates<Signature, Given> extends { Returns: infer Returns } ? Returns : never;
