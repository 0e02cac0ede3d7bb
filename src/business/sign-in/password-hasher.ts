import { randomBytes } from 'node:crypto';
import { OverloadedError } from '../../contract/errors.ts';
import { type Argon2, type Argon2Cost, loadArgon2 } from './load-argon2.ts';

/** OWASP's cheat sheet on storing passwords: Argon2id, 19 MiB, two passes, one thread. */
const COST: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** How a hash of this cost begins, by the PHC string format. */
const CURRENT = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

/**
 * Hashes passwords with Argon2id. Each hash takes 19 MiB and a core for some milliseconds, so more than `maxConcurrent` at once
 * are refused: nobody can stop the process by sending passwords.
 */
export class PasswordHasher {
  readonly #argon2: () => Promise<Argon2>;
  readonly #maxConcurrent: number;
  #running = 0;
  #dummy: Promise<string> | undefined;

  constructor(maxConcurrent: number, argon2: () => Promise<Argon2> = loadArgon2) {
    this.#maxConcurrent = maxConcurrent;
    this.#argon2 = argon2;
  }

  /** @throws OverloadedError `SIGN_IN_OVERLOADED`; ConfigurationError `ARGON2_NOT_INSTALLED` */
  hash(password: string): Promise<string> {
    return this.#admitted(async (argon2) => argon2.hash(bytesOf(password), COST));
  }

  /**
   * Whether the hash is one of the password. Without a hash it is false, and takes the same work: the password is compared with
   * one that nobody has.
   *
   * @throws OverloadedError `SIGN_IN_OVERLOADED`; ConfigurationError `ARGON2_NOT_INSTALLED`
   */
  verify(hashed: string | undefined, password: string): Promise<boolean> {
    return this.#admitted(async (argon2) => {
      // Made before the first answer of either kind, so that none of them takes longer for it.
      const dummy = await this.#dummyHash(argon2);
      const isRight = await argon2.verify(hashed ?? dummy, bytesOf(password));
      return isRight && hashed !== undefined;
    });
  }

  /** Whether a hash was made with other parameters than those of today. */
  isOutdated(hashed: string): boolean {
    return !hashed.startsWith(CURRENT);
  }

  #dummyHash(argon2: Argon2): Promise<string> {
    this.#dummy ??= argon2.hash(randomBytes(32), COST).catch((error: unknown) => {
      this.#dummy = undefined;
      throw error;
    });
    return this.#dummy;
  }

  async #admitted<Result>(work: (argon2: Argon2) => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#maxConcurrent) {
      throw new OverloadedError('Too many passwords are being checked. Nothing was tried.', {
        code: 'SIGN_IN_OVERLOADED',
        retryAfterMs: 1_000,
      });
    }
    this.#running += 1;
    try {
      return await work(await this.#argon2());
    } finally {
      this.#running -= 1;
    }
  }
}

/** The same password typed on another system may come as other code points (NIST SP 800-63B, section 3.1.1.2). */
function bytesOf(password: string): Uint8Array {
  return Buffer.from(password.normalize('NFKC'));
}
