import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { JwtOptions } from '../options/service-options.ts';
import { tokenVerifier } from './token-verifier.ts';

const SECRET = 'a shared secret of at least thirty-two characters';
const KEY = new TextEncoder().encode(SECRET);

function fixture(options: Omit<JwtOptions, 'secret'> = {}) {
  const clock = new FakeClock();
  const inSeconds = clock.wallNow() / 1000;
  const verify = tokenVerifier({ secret: SECRET, ...options }, clock);
  const claimed = { sub: 'ann', aud: 'authenticated', exp: inSeconds + 60 };
  const signed = (claims: JWTPayload, alg = 'HS256') =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(KEY);
  const sign = (claims: JWTPayload = {}, alg?: string) => signed({ ...claimed, ...claims }, alg);
  return { clock, inSeconds, verify, sign, signed };
}

const invalid = expect.objectContaining({ code: 'TOKEN_INVALID', statusCode: 401 });
const expired = expect.objectContaining({ code: 'TOKEN_EXPIRED', statusCode: 401 });

describe('a token', () => {
  it('that is valid gives its claims', async () => {
    const { verify, sign } = fixture();
    expect(await verify(await sign())).toMatchObject({ kind: 'user', claims: { sub: 'ann' } });
  });

  it('of another issuer than the option names is refused, and one of none', async () => {
    const { verify, sign } = fixture({ issuer: 'https://ours' });
    expect(await verify(await sign({ iss: 'https://ours' }))).toMatchObject({ kind: 'user' });
    await expect(verify(await sign({ iss: 'https://theirs' }))).rejects.toEqual(invalid);
    await expect(verify(await sign())).rejects.toEqual(invalid);
  });

  it('for somebody else is refused', async () => {
    const { verify, sign } = fixture();
    await expect(verify(await sign({ aud: 'somebody else' }))).rejects.toEqual(invalid);
    const ofUs = fixture({ audience: 'us' });
    expect(await ofUs.verify(await ofUs.sign({ aud: 'us' }))).toMatchObject({ kind: 'user' });
    await expect(ofUs.verify(await ofUs.sign())).rejects.toEqual(invalid);
  });

  it('by another algorithm is refused, of the same secret too', async () => {
    const { verify, sign } = fixture();
    await expect(verify(await sign({}, 'HS384'))).rejects.toEqual(invalid);
    await expect(verify(await sign({}, 'HS512'))).rejects.toEqual(invalid);
  });

  it('by a shared secret is refused where keys are public', async () => {
    const clock = new FakeClock();
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const verify = tokenVerifier({ jwks: { keys: [await exportJWK(publicKey)] } }, clock);
    await expect(verify(await fixture().sign())).rejects.toEqual(invalid);
  });

  it('that never expires is refused', async () => {
    const { verify, signed } = fixture();
    await expect(verify(await signed({ sub: 'ann', aud: 'authenticated' }))).rejects.toEqual(invalid);
  });

  it("has expired by the service's own clock, with a tolerance of five seconds", async () => {
    const { clock, inSeconds, verify, sign } = fixture();
    // Later than the clock of this machine, earlier than that of the service.
    await expect(verify(await sign({ exp: inSeconds - 10 }))).rejects.toEqual(expired);
    const token = await sign();
    await clock.advance(64_000);
    expect(await verify(token)).toMatchObject({ kind: 'user' });
    await clock.advance(1_000);
    await expect(verify(token)).rejects.toEqual(expired);
  });
});

describe('tokens', () => {
  const clock = new FakeClock();

  it('are refused where nothing verifies them', async () => {
    await expect(tokenVerifier(undefined, clock)('a.b.c')).rejects.toMatchObject({
      code: 'JWT_NOT_CONFIGURED',
    });
  });

  it('are verified in one way', () => {
    expect(() => tokenVerifier({}, clock)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(() => tokenVerifier({ secret: SECRET, jwksUrl: 'https://keys' }, clock)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});
