import { createHash } from 'node:crypto';
import { own } from '../contract/own-property.ts';

/** Hundredths of a percent. */
const BUCKETS = 10_000;
/** A token that is longer is refused by both sides; what it says is not looked for. */
const MAX_TOKEN_LENGTH = 16_384;

/**
 * Who a handle acts as, as far as it decides the side.
 *
 * A user is a bucket from 0 to 9,999, by a hash: the same in every process and after every start, so that a user stays on one
 * side until the percentage passes the bucket, and is never moved back by a larger one.
 */
export class RolloutCaller {
  /** The `sub` of a token; undefined where there is none. */
  readonly user: string | undefined;
  readonly #key: string | undefined;
  readonly #random: number;
  #salt: string | undefined;
  #bucket = 0;

  private constructor(user: string | undefined, key: string | undefined, random: number) {
    this.user = user;
    this.#key = key;
    this.#random = random;
  }

  /**
   * The owner of a token, which is read and not verified: it only decides which side verifies it. One without a subject is
   * told apart by its text.
   */
  static ofToken(token: string): RolloutCaller {
    const user = subjectOf(token);
    return new RolloutCaller(user, user === undefined ? `token ${token}` : `user ${user}`, 0);
  }

  /** Callers who are no users: each handle has a bucket by chance, and keeps it. */
  static byChance(random: () => number): RolloutCaller {
    return new RolloutCaller(undefined, undefined, Math.floor(random() * BUCKETS));
  }

  /** Whether the caller is among the first `percentage` percent. */
  isWithin(percentage: number, salt: string): boolean {
    return this.#bucketOf(salt) < percentage * (BUCKETS / 100);
  }

  #bucketOf(salt: string): number {
    if (this.#key === undefined) return this.#random;
    if (this.#salt !== salt) {
      this.#bucket = bucketOf(salt, this.#key);
      this.#salt = salt;
    }
    return this.#bucket;
  }
}

function bucketOf(salt: string, key: string): number {
  // The length keeps apart what would be one text of different parts.
  const digest = createHash('sha256').update(`${salt.length} ${salt}${key}`).digest();
  return digest.readUIntBE(0, 6) % BUCKETS;
}

function subjectOf(token: unknown): string | undefined {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return undefined;
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims !== 'object' || claims === null) return undefined;
    const sub = own(claims as { sub?: unknown }, 'sub');
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    // It is no token. The side that gets it says so.
    return undefined;
  }
}
