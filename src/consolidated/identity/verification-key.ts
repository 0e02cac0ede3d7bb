import { type CryptoKey, importJWK, type JSONWebKeySet, type JWK } from 'jose';
import type { Answer } from '../../contract/answer.ts';
import { own } from '../../contract/own-property.ts';
import { faultOfMaterial } from './key-material.ts';

/** The kind of key that each algorithm needs. Others, `none` among them, are not accepted. */
const KEY_OF_ALGORITHM: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  HS256: { kty: 'oct' },
  HS384: { kty: 'oct' },
  HS512: { kty: 'oct' },
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
};

export const ALGORITHMS: readonly string[] = Object.keys(KEY_OF_ALGORITHM);

/** A token without a key identifier may be tried with each key of a set. */
const MAX_KEYS = 100;

/** What the header of a token says of its key. Nothing of it is trusted: it only selects. */
export interface KeyHint {
  readonly alg: string;
  readonly kid: string | undefined;
}

/** Where keys come from, with the algorithms that they may have. */
export interface KeySource {
  readonly algorithms: readonly string[];
  /** Rejects with a ConnectionError `JWKS_UNAVAILABLE` where nobody can say. */
  keysFor(hint: KeyHint): Answer<readonly VerificationKey[]>;
}

/** Of a shared secret, which signs tokens of any `kid`. */
const ANY_KID = Symbol('any kid');

/** One key with its one algorithm: the header of a token can never choose another one for it. */
export class VerificationKey {
  readonly algorithm: string;
  /** Equal for equal keys, whatever else is said of them. */
  readonly material: string;
  /** The identifier in its set, if it has one there. */
  readonly #kid: string | undefined | typeof ANY_KID;
  readonly #load: () => Promise<CryptoKey | Uint8Array>;
  #loaded: Promise<CryptoKey | Uint8Array> | undefined;

  private constructor(
    algorithm: string,
    material: string,
    kid: string | undefined | typeof ANY_KID,
    load: () => Promise<CryptoKey | Uint8Array>,
  ) {
    this.algorithm = algorithm;
    this.material = material;
    this.#kid = kid;
    this.#load = load;
  }

  static ofSecret(secret: string, algorithm: string): VerificationKey {
    const bytes = new TextEncoder().encode(secret);
    const material = `oct ${Buffer.from(bytes).toString('base64url')}`;
    return new VerificationKey(algorithm, material, ANY_KID, async () => bytes);
  }

  /** @param jwk - its own members alone */
  static ofJwk(jwk: JWK, algorithm: string): VerificationKey {
    const { kty = '', k = '', n = '', x = '', y = '' } = jwk;
    const material = [kty, k, n, x, y].filter((part) => part !== '').join(' ');
    return new VerificationKey(algorithm, material, jwk.kid, () => importJWK(jwk, algorithm));
  }

  fits({ alg, kid }: KeyHint): boolean {
    return alg === this.algorithm && (kid === undefined || this.#kid === ANY_KID || kid === this.#kid);
  }

  isSameAs(other: VerificationKey): boolean {
    return this.material === other.material && this.algorithm === other.algorithm && this.#kid === other.#kid;
  }

  load(): Promise<CryptoKey | Uint8Array> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }
}

interface KeysOfSet {
  readonly keys: readonly VerificationKey[];
  /** Why others of the set are not among them, such as `key 2 is for encryption`. */
  readonly skipped: readonly string[];
}

/**
 * The keys of a set that can verify tokens. The algorithm of a key is its own `alg`, or else the first of `algorithms`
 * that fits its type.
 */
export function keysOfSet(set: JSONWebKeySet, algorithms: readonly string[]): KeysOfSet {
  const keys: VerificationKey[] = [];
  const skipped: string[] = [];
  for (const [at, given] of set.keys.slice(0, MAX_KEYS).entries()) {
    const read = keyOf(given, algorithms);
    const same =
      typeof read === 'string' ? undefined : keys.find(({ material }) => material === read.material);
    if (typeof read === 'string') skipped.push(`key ${at + 1} ${read}`);
    else if (same !== undefined && same.algorithm !== read.algorithm)
      skipped.push(`key ${at + 1} is another of the set, with another algorithm`);
    // Under another 'kid' it serves tokens of that one.
    else if (!keys.some((key) => key.isSameAs(read))) keys.push(read);
  }
  return { keys, skipped };
}

/** True for what is shaped as a set; its keys may still be of no use. */
export function isKeySet(value: unknown): value is JSONWebKeySet {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'keys')) return false;
  const { keys } = value as { readonly keys: unknown };
  return Array.isArray(keys);
}

/** The key, or why it is none. */
function keyOf(given: JWK | null, algorithms: readonly string[]): VerificationKey | string {
  if (typeof given !== 'object' || given === null) return 'is not an object';
  const jwk: JWK = Object.assign(Object.create(null), given);
  if (jwk.d !== undefined) return 'is a private key';
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'is not for signatures';
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify')))
    return 'is not for verifying';
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return "has a 'kid' that is not text";
  const algorithm = jwk.alg ?? algorithms.find((name) => isFor(jwk, name));
  if (algorithm === undefined || !algorithms.includes(algorithm))
    return `has none of the algorithms ${algorithms.join(', ')}`;
  if (!isFor(jwk, algorithm)) return `is of another type than ${algorithm} needs`;
  const fault = faultOfMaterial(jwk);
  if (fault !== undefined) return fault;
  return VerificationKey.ofJwk(jwk, algorithm);
}

function isFor(jwk: JWK, algorithm: string): boolean {
  const wanted = own(KEY_OF_ALGORITHM, algorithm);
  return wanted !== undefined && jwk.kty === wanted.kty && jwk.crv === wanted.crv;
}
