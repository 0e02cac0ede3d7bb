import { randomUUID } from 'node:crypto';
import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import { user } from '../../consolidated/identity/actors.ts';
import { faultOfSecret } from '../../consolidated/identity/shared-secret.ts';
import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError } from '../../contract/errors.ts';
import type { UserIdentity } from '../../contract/identity.ts';

/** How access tokens are signed. The option `jwt` of the service must accept what is written here. */
export interface AccessTokenOptions {
  /** A shared secret of 32 bytes or more, for HS256. Give either this or `key`. */
  readonly secret?: string | undefined;
  /** A private JSON Web Key with its `alg`, such as ES256, and its `kid`, if the service knows it by one. */
  readonly key?: Readonly<Record<string, unknown>> | undefined;
  /** The claim `iss`. @defaultValue none */
  readonly issuer?: string | undefined;
  /** The claim `aud`. @defaultValue 'authenticated' */
  readonly audience?: string | undefined;
  /** Milliseconds for which a token is valid. Nothing ends it before. @defaultValue 900000 */
  readonly lifetimeMs?: number | undefined;
}

interface SignedIn {
  readonly userId: string;
  readonly email: string;
  /** When the password was given, in milliseconds since the epoch. */
  readonly at: number;
}

interface AccessToken {
  readonly text: string;
  readonly expiresAt: string;
  readonly identity: UserIdentity;
}

const DEFAULT_LIFETIME_MS = 900_000;
/** Such as ES256 and EdDSA. A shared secret has an option of its own. */
const ASYMMETRIC = /^(?:RS|PS|ES)(?:256|384|512)$|^EdDSA$/;

/** Signs access tokens. */
export class AccessTokens {
  readonly #options: AccessTokenOptions;
  readonly #algorithm: string;
  readonly #keyId: string | undefined;
  readonly #clock: Clock;
  #key: Promise<CryptoKey | Uint8Array> | undefined;

  /** @throws ConfigurationError `INVALID_OPTION` */
  constructor(options: AccessTokenOptions, clock: Clock) {
    const { secret, key } = options;
    if ((secret === undefined) === (key === undefined)) {
      throw invalid("The option 'jwt' of localAuth must have either 'secret' or 'key'.");
    }
    const fault = secret === undefined ? faultOfKey(key) : faultOfSecret(secret);
    if (fault !== undefined) {
      throw invalid(`The option 'jwt.${secret === undefined ? 'key' : 'secret'}' of localAuth ${fault}.`);
    }
    this.#options = options;
    this.#algorithm = secret === undefined ? String(key?.alg) : 'HS256';
    this.#keyId = typeof key?.kid === 'string' ? key.kid : undefined;
    this.#clock = clock;
  }

  async sign({ userId, email, at }: SignedIn): Promise<AccessToken> {
    const { issuer, audience = 'authenticated', lifetimeMs = DEFAULT_LIFETIME_MS } = this.#options;
    const now = this.#clock.wallNow();
    const exp = Math.floor((now + lifetimeMs) / 1_000);
    const claims = {
      ...(issuer !== undefined && { iss: issuer }),
      sub: userId,
      aud: audience,
      role: 'authenticated',
      email,
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: Math.floor(at / 1_000) }],
      iat: Math.floor(now / 1_000),
      exp,
      jti: randomUUID(),
    };
    this.#key ??= this.#loadKey();
    const text = await new SignJWT(claims)
      .setProtectedHeader({
        alg: this.#algorithm,
        typ: 'JWT',
        ...(this.#keyId !== undefined && { kid: this.#keyId }),
      })
      .sign(await this.#key);
    return { text, expiresAt: new Date(exp * 1_000).toISOString(), identity: user(claims) };
  }

  async #loadKey(): Promise<CryptoKey | Uint8Array> {
    const { secret, key } = this.#options;
    if (secret !== undefined) return new TextEncoder().encode(secret);
    try {
      // Its form is for the library to judge: what is checked before is all that is read here.
      return await importJWK(key as JWK, this.#algorithm);
    } catch {
      // Not the cause: its message may quote the key.
      throw invalid("The option 'jwt.key' of localAuth is malformed.");
    }
  }
}

function faultOfKey(key: AccessTokenOptions['key']): string | undefined {
  if (typeof key?.alg !== 'string' || !ASYMMETRIC.test(key.alg)) {
    return "must have an 'alg' that signs with a private key, such as ES256";
  }
  return typeof key.d === 'string' ? undefined : 'must be a private key';
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'INVALID_OPTION' });
}
