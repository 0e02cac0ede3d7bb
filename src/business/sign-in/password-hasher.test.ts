import { describe, expect, it } from 'vitest';
import { type Argon2, loadArgon2 } from './load-argon2.ts';
import { PasswordHasher } from './password-hasher.ts';

/** Hashes that end when a test says so. */
class SlowArgon2 implements Argon2 {
  readonly running: PromiseWithResolvers<string>[] = [];

  hash(): Promise<string> {
    const hashing = Promise.withResolvers<string>();
    this.running.push(hashing);
    return hashing.promise;
  }

  async verify(): Promise<boolean> {
    return true;
  }
}

const overloaded = { code: 'SIGN_IN_OVERLOADED', statusCode: 503, retryAfterMs: 1_000 };

describe('hashes of passwords', () => {
  it('are refused beyond as many as may be at a time, and their places are free again', async () => {
    const argon2 = new SlowArgon2();
    const hasher = new PasswordHasher(2, async () => argon2);
    const both = [hasher.hash('a'), hasher.hash('b')];
    await expect(hasher.hash('c')).rejects.toMatchObject(overloaded);
    await expect(hasher.verify(undefined, 'c')).rejects.toMatchObject(overloaded);
    argon2.running[0]?.resolve('$argon2id$');
    argon2.running[1]?.reject(new Error('no memory'));
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const next = [hasher.hash('d'), hasher.hash('e')];
    await expect(hasher.hash('f')).rejects.toMatchObject(overloaded);
    for (const { resolve } of argon2.running) resolve('$argon2id$');
    await Promise.all(next);
  });

  it('are compared also where there is none, and make the stand-in again if that failed', async () => {
    const argon2 = new SlowArgon2();
    const hasher = new PasswordHasher(2, async () => argon2);
    const failing = hasher.verify(undefined, 'a');
    await Promise.resolve();
    argon2.running[0]?.reject(new Error('no memory'));
    await expect(failing).rejects.toThrow('no memory');
    const again = hasher.verify(undefined, 'a');
    await Promise.resolve();
    argon2.running[1]?.resolve('$argon2id$');
    // What nobody has is nobody's, even if it were right.
    expect(await again).toBe(false);
    expect(await hasher.verify('$argon2id$', 'a')).toBe(true);
    expect(argon2.running).toHaveLength(2);
  });

  it('need a package, which the error names', async () => {
    await expect(loadArgon2(() => Promise.reject(new Error('not found')))).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'ARGON2_NOT_INSTALLED',
      hint: 'npm install @node-rs/argon2',
    });
  });
});
