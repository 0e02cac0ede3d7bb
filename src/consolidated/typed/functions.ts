import type { SchemaShape } from './schema-names.ts';

/** The functions of a schema, by name. An overloaded one is a union of its signatures. */
export type FunctionsOf<S> = S extends { Functions: infer Functions extends SchemaShape['Functions'] }
  ? Functions
  : never;

/** All signatures of one function. */
export type FunctionOf<S, Name> = Name extends keyof FunctionsOf<S> ? FunctionsOf<S>[Name] : never;

/** Argument names; none where the generator wrote `Record<PropertyKey, never>` or, in other releases, `never`. */
type ArgNames<Args> = [Args] extends [never]
  ? never
  : [Args[keyof Args]] extends [never]
    ? never
    : keyof Args;

/**
 * Whether argument names fit a signature: all required ones are there and no unknown one is. Types play no
 * part, because the service chooses by name as well.
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
 * What the arguments are checked against. Where no signature fits, each of them refuses the names that only
 * others have, so that no mixture passes. What nobody can call by name the generator marks with
 * `{ error: true } & 'the reason'`: then the reason stands in the message.
 */
type ArgsFor<Signature, Others> = Signature extends { Args: infer Args; Returns: infer Returns }
  ? Returns extends { error: true }
    ? Returns
    : [ArgNames<Args>] extends [never]
      ? Record<PropertyKey, never>
      : [Exclude<Others, keyof Args>] extends [never]
        ? Args
        : Args & { [Name in Exclude<Others, keyof Args> & PropertyKey]?: never }
  : never;

type AllNames<Signature> = Signature extends { Args: infer Args } ? ArgNames<Args> : never;

/** Stands for the arguments of a call that gives none. */
export type NoArguments = Record<never, never>;

/**
 * What follows the name in `rpc(name, …)`. `Given` is inferred from the arguments: it stands in a branch
 * that is never taken, so that the arguments themselves are checked against the signature and an unknown
 * or missing one is an error at its own place.
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

/** What the chosen signature returns; of several, any of theirs. */
export type RpcReturns<Signature, Given> =
  Candidates<Signature, Given> extends { Returns: infer Returns } ? Returns : never;
