import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { JwtOptions, KeySourceOptions } from '../options/service-options.ts';
import type { Fetch } from './fetch-key-set.ts';
import { RemoteKeySet } from './remote-key-set.ts';
import { faultOfSecret } from './shared-secret.ts';
import {
  ALGORITHMS,
  isKeySet,
  type KeyHint,
  type KeySource,
  keysOfSet,
  VerificationKey,
} from './verification-key.ts';

const PUBLISHED = ['ES256', 'RS256', 'EdDSA'];
const DEFAULT_ALGORITHMS = {
  secret: ['HS256'],
  // Whoever reads a shared secret can sign: an endpoint that publishes one has to be asked for it by name.
  jwksUrl: PUBLISHED,
  jwks: [...PUBLISHED, 'HS256'],
} as const satisfies Record<string, readonly string[]>;
/** Algorithms that a source takes without naming them. */
export const TAKEN_UNNAMED: readonly string[] = DEFAULT_ALGORITHMS.jwks;
const KINDS = ['secret', 'jwksUrl', 'jwks'] as const;

/** The sources that the options name, those that answer at once before those that are fetched. */
export function keySources(jwt: JwtOptions, clock: Clock, fetch: Fetch): readonly KeySource[] {
  const top = KINDS.filter((kind) => jwt[kind] !== undefined);
  if (top.length > 1 && jwt.algorithms !== undefined) {
    throw invalid(
      `The option 'jwt.algorithms' must belong to one source, but there are ${top.join(' and ')}.`,
      "Use 'jwt.sources', where each has its own.",
    );
  }
  const given: (readonly [name: string, source: KeySourceOptions])[] = top.map((kind) => [
    'jwt',
    { [kind]: jwt[kind], algorithms: jwt.algorithms },
  ]);
  for (const [at, source] of (jwt.sources ?? []).entries()) given.push([`jwt.sources.${at}`, source]);
  if (given.length === 0) {
    throw invalid("The option 'jwt' must have 'secret', 'jwksUrl', 'jwks' or 'sources'. It has none.");
  }
  const fixed: VerificationKey[] = [];
  const remote: KeySource[] = [];
  for (const [name, source] of given) {
    const kinds = KINDS.filter((kind) => source[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      throw invalid(
        `The option '${name}' must have exactly one of 'secret', 'jwksUrl' and 'jwks'. It has ${kinds.length}.`,
      );
    }
    const algorithms = checkedAlgorithms(name, kind, source.algorithms);
    if (kind === 'secret') fixed.push(keyOfSecret(name, source.secret ?? '', algorithms));
    else if (kind === 'jwks') fixed.push(...keysOfOption(name, source.jwks, algorithms));
    else remote.push(new RemoteKeySet(checkedUrl(name, source.jwksUrl ?? ''), algorithms, clock, fetch));
  }
  refuseTwoAlgorithms(fixed);
  return fixed.length > 0 ? [new FixedKeys(fixed), ...remote] : remote;
}

/** Keys that the options hold. */
class FixedKeys implements KeySource {
  readonly algorithms: readonly string[];
  readonly #keys: readonly VerificationKey[];

  constructor(keys: readonly VerificationKey[]) {
    this.#keys = keys;
    this.algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))];
  }

  keysFor(hint: KeyHint): readonly VerificationKey[] {
    return this.#keys.filter((key) => key.fits(hint));
  }
}

function checkedAlgorithms(
  name: string,
  kind: (typeof KINDS)[number],
  given: readonly string[] = DEFAULT_ALGORITHMS[kind],
): readonly string[] {
  const allowed = ALGORITHMS.filter((algorithm) => (kind === 'secret' ? algorithm.startsWith('HS') : true));
  const wrong = given.find((algorithm) => !allowed.includes(algorithm));
  if (wrong !== undefined) {
    throw invalid(
      `The option '${name}.algorithms' must hold names of ${allowed.join(', ')} with '${kind}'. It has '${wrong}'.`,
    );
  }
  return given;
}

function keyOfSecret(name: string, secret: string, algorithms: readonly string[]): VerificationKey {
  const [algorithm = 'HS256', ...others] = algorithms;
  if (others.length > 0) {
    throw invalid(
      `The option '${name}.algorithms' must hold one algorithm with 'secret'. It has ${algorithms.length}.`,
    );
  }
  const fault = faultOfSecret(secret);
  if (fault !== undefined) {
    throw invalid(
      `The option '${name}.secret' ${fault}.`,
      "Give the shared secret of the project itself. Give keys as 'jwks', or name the endpoint that publishes them as 'jwksUrl'.",
    );
  }
  return VerificationKey.ofSecret(secret, algorithm);
}

function keysOfOption(
  name: string,
  jwks: unknown,
  algorithms: readonly string[],
): readonly VerificationKey[] {
  if (!isKeySet(jwks))
    throw invalid(`The option '${name}.jwks' must be a JSON Web Key Set: { keys: [...] }.`);
  const { keys, skipped } = keysOfSet(jwks, algorithms);
  const isPrivate = skipped.find((reason) => reason.endsWith('is a private key'));
  if (isPrivate !== undefined) {
    throw invalid(`The option '${name}.jwks' must hold public keys only: ${isPrivate}.`);
  }
  if (skipped.length > 0) {
    throw invalid(`The option '${name}.jwks' has keys that cannot verify tokens: ${skipped.join(', ')}.`);
  }
  if (keys.length === 0) {
    throw invalid(`The option '${name}.jwks' has no key that can verify tokens: it is empty.`);
  }
  return keys;
}

function checkedUrl(name: string, url: string): string {
  const { protocol } = new URL(url);
  if (protocol === 'https:' || protocol === 'http:') return url;
  throw invalid(`The option '${name}.jwksUrl' must be an http or https URL.`);
}

function refuseTwoAlgorithms(keys: readonly VerificationKey[]): void {
  const algorithms = new Map<string, string>();
  for (const { material, algorithm } of keys) {
    const other = algorithms.get(material) ?? algorithm;
    if (other !== algorithm) {
      throw invalid(`The option 'jwt' has one key with two algorithms, ${other} and ${algorithm}.`);
    }
    algorithms.set(material, algorithm);
  }
}

function invalid(message: string, hint?: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'INVALID_OPTION', hint });
}
