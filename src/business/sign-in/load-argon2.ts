import { ConfigurationError } from '../../contract/errors.ts';

/** What is used of `@node-rs/argon2`. */
export interface Argon2 {
  /** In the PHC string format, with a salt of its own. */
  hash(password: Uint8Array, cost: Argon2Cost): Promise<string>;
  /** Whether the hash was made of this password. */
  verify(hashed: string, password: Uint8Array): Promise<boolean>;
}

/** What a guess costs. */
export interface Argon2Cost {
  /** In KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** @throws ConfigurationError `ARGON2_NOT_INSTALLED` */
export async function loadArgon2(
  load: () => Promise<Argon2> = () => import('@node-rs/argon2'),
): Promise<Argon2> {
  try {
    return await load();
  } catch (cause) {
    throw new ConfigurationError('localAuth needs the package @node-rs/argon2, which is not installed.', {
      code: 'ARGON2_NOT_INSTALLED',
      hint: 'npm install @node-rs/argon2',
      cause,
    });
  }
}
