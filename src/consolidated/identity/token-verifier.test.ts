import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { JwtOptions } from '../options/service-options.ts';
import { tokenVerifier } from './token-verifier.ts';
import { VerificationKey } from './verification-key.ts';

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

  it('need a key', () => {
    expect(() => tokenVerifier({}, clock)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

const published = async (alg: string, more: object = {}) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(publicKey)), ...more }, publicKey, privateKey };
};
const oct = (secret: string, more: object = {}) => ({
  kty: 'oct',
  k: Buffer.from(secret).toString('base64url'),
  ...more,
});

describe('several sources of keys', () => {
  const clock = new FakeClock();
  const claims = { sub: 'ann', aud: 'authenticated', exp: clock.wallNow() / 1000 + 60 };
  type Signer = Parameters<SignJWT['sign']>[0];
  const sign = (key: Signer, header: { alg: string; kid?: string }) =>
    new SignJWT(claims).setProtectedHeader(header).sign(key);

  it('serve at once, as while a project moves from its secret to keys of its own', async () => {
    const { jwk, privateKey } = await published('ES256', { kid: 'new' });
    const verify = tokenVerifier({ secret: SECRET, jwks: { keys: [jwk] } }, clock);
    for (const token of [
      await sign(KEY, { alg: 'HS256' }),
      await sign(KEY, { alg: 'HS256', kid: 'legacy' }),
      await sign(privateKey, { alg: 'ES256', kid: 'new' }),
      await sign(privateKey, { alg: 'ES256' }),
    ]) {
      expect(await verify(token)).toMatchObject({ claims: { sub: 'ann' } });
    }
    await expect(verify(await sign(privateKey, { alg: 'ES256', kid: 'other' }))).rejects.toEqual(invalid);
  });

  it('may be two secrets, while one replaces the other', async () => {
    const [older, newer] = [`${SECRET}, older`, `${SECRET}, newer`];
    const verify = tokenVerifier({ sources: [{ secret: newer }, { secret: older }] }, clock);
    for (const secret of [older, newer]) {
      const token = await sign(new TextEncoder().encode(secret), { alg: 'HS256' });
      expect(await verify(token)).toMatchObject({ kind: 'user' });
    }
    await expect(verify(await sign(KEY, { alg: 'HS256' }))).rejects.toEqual(invalid);
  });

  it('may hold one key under two kids', async () => {
    const { jwk, privateKey } = await published('ES256');
    const keys = [
      { ...jwk, kid: 'old' },
      { ...jwk, kid: 'new' },
    ];
    const verify = tokenVerifier({ jwks: { keys } }, clock);
    for (const kid of ['old', 'new']) {
      expect(await verify(await sign(privateKey, { alg: 'ES256', kid }))).toMatchObject({ kind: 'user' });
    }
    await expect(verify(await sign(privateKey, { alg: 'ES256', kid: 'other' }))).rejects.toEqual(invalid);
  });

  it('serve tokens of the good keys of an endpoint that publishes a weak one too', async () => {
    const { jwk, privateKey } = await published('RS256', { kid: 'good' });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const answer = async () => Response.json({ keys: [{ ...weak, kid: 'weak' }, jwk] });
    const verify = tokenVerifier({ jwksUrl: 'https://keys.test' }, clock, answer);
    for (const header of [{ alg: 'RS256', kid: 'good' }, { alg: 'RS256' }]) {
      expect(await verify(await sign(privateKey, header))).toMatchObject({ kind: 'user' });
    }
    await expect(verify(await sign(privateKey, { alg: 'RS256', kid: 'weak' }))).rejects.toEqual(invalid);
  });

  it('may be a set with shared secrets in it', async () => {
    const verify = tokenVerifier({ jwks: { keys: [oct(SECRET, { kid: 'shared' })] } }, clock);
    expect(await verify(await sign(KEY, { alg: 'HS256', kid: 'shared' }))).toMatchObject({ kind: 'user' });
    await expect(verify(await sign(KEY, { alg: 'HS512', kid: 'shared' }))).rejects.toEqual(invalid);
  });

  it.each(['ES256', 'RS256', 'EdDSA'])('never take a published %s key for a shared secret', async (alg) => {
    const { jwk, publicKey } = await published(alg, { kid: 'one' });
    const pem = await exportSPKI(publicKey);
    const der = await crypto.subtle.exportKey('spki', publicKey);
    const verify = tokenVerifier({ secret: SECRET, jwks: { keys: [jwk] } }, clock);
    const forgeries: Uint8Array[] = [
      new TextEncoder().encode(pem),
      new TextEncoder().encode(pem.trim()),
      new TextEncoder().encode(JSON.stringify(jwk)),
      new Uint8Array(der),
      Buffer.from(jwk.x ?? jwk.n ?? '', 'base64url'),
    ];
    for (const bytes of forgeries) {
      await expect(verify(await sign(bytes, { alg: 'HS256', kid: 'one' }))).rejects.toEqual(invalid);
      await expect(verify(await sign(bytes, { alg: 'HS256' }))).rejects.toEqual(invalid);
    }
  });

  it.each<[string, string, string | undefined]>([
    ['HS256', 'jwksUrl', "add 'secret' to the option 'jwt'."],
    ['HS512', 'secret', "add 'secret' to the option 'jwt', with 'HS512' in its 'algorithms'."],
    ['ES256', 'secret', "add 'jwksUrl' to the option 'jwt'."],
    ['PS256', 'jwksUrl', "add 'jwksUrl' to the option 'jwt', with 'PS256' in its 'algorithms'."],
    ['none', 'secret', undefined],
    ['<of the attacker>', 'secret', undefined],
  ])('say how tokens signed with %s would be taken, beside %s alone', async (alg, kind, advice) => {
    const options = kind === 'secret' ? { secret: SECRET } : { jwksUrl: 'https://keys.test' };
    let asked = 0;
    const verify = tokenVerifier(options, clock, async () => {
      asked += 1;
      return Response.error();
    });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await expect(verify(`${part({ alg })}.${part(claims)}.AA`)).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      statusCode: 401,
      message: 'The token is invalid: no key is for its algorithm.',
      hint: advice && `If the tokens of your project are signed with ${alg}, ${advice}`,
    });
    expect(asked).toBe(0);
  });

  it('verify by one algorithm each: its own, or the first of the source that fits it', async () => {
    const { jwk, privateKey } = await published('RS256');
    const pss = await importJWK(await exportJWK(privateKey), 'PS256');
    const both = { algorithms: ['RS256', 'PS256'] };
    const byOrder = tokenVerifier({ jwks: { keys: [jwk] }, ...both }, clock);
    expect(await byOrder(await sign(privateKey, { alg: 'RS256' }))).toMatchObject({ kind: 'user' });
    await expect(byOrder(await sign(pss, { alg: 'PS256' }))).rejects.toEqual(invalid);
    const byKey = tokenVerifier({ jwks: { keys: [{ ...jwk, alg: 'PS256' }] }, ...both }, clock);
    expect(await byKey(await sign(pss, { alg: 'PS256' }))).toMatchObject({ kind: 'user' });
    await expect(byKey(await sign(privateKey, { alg: 'RS256' }))).rejects.toEqual(invalid);
  });

  it('verify by that one though a key were chosen that is for another', async () => {
    const other = 'another shared secret of at least thirty-two characters';
    const keys = [oct(SECRET, { alg: 'HS256' }), oct(other, { alg: 'HS512' })];
    const verify = tokenVerifier({ jwks: { keys }, algorithms: ['HS256', 'HS512'] }, clock);
    const fits = vi.spyOn(VerificationKey.prototype, 'fits').mockReturnValue(true);
    try {
      expect(await verify(await sign(KEY, { alg: 'HS256' }))).toMatchObject({ kind: 'user' });
      await expect(verify(await sign(KEY, { alg: 'HS512' }))).rejects.toEqual(invalid);
    } finally {
      fits.mockRestore();
    }
  });

  it('take the members of a key from itself alone', async () => {
    const { jwk, privateKey } = await published('ES256');
    const token = await sign(privateKey, { alg: 'ES256' });
    Object.assign(Object.prototype, { kid: 'polluted' });
    try {
      const verify = tokenVerifier({ jwks: { keys: [jwk] } }, clock);
      expect(await verify(token)).toMatchObject({ kind: 'user' });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'kid');
    }
  });
});

describe('a source of keys is refused when the service is created, where', () => {
  const refuse = (options: JwtOptions, message: RegExp) =>
    expect(() => tokenVerifier(options, new FakeClock())).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    );

  /** And no part of it is told. */
  const refuseSecret = (secret: string, message: RegExp) => {
    refuse({ secret }, message);
    try {
      tokenVerifier({ secret }, new FakeClock());
    } catch (error) {
      const told = `${String(error)} ${JSON.stringify(error)}`;
      if (secret.trim().length > 1) expect(told).not.toContain(secret.trim().slice(0, 11));
    }
  };

  it('its secret is a public key', async () => {
    const { jwk, publicKey } = await published('RS256');
    refuse({ secret: await exportSPKI(publicKey) }, /'jwt.secret' holds a public key/);
    refuse({ sources: [{ secret: JSON.stringify(jwk) }] }, /'jwt.sources.0.secret' holds a public key/);
  });

  it.each(['ES256', 'ES384', 'RS256', 'EdDSA'])(
    'its secret is a public %s key without the lines around it',
    async (alg) => {
      const { jwk, publicKey } = await published(alg);
      const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey));
      const pem = await exportSPKI(publicKey);
      const secrets = [
        spki.toString('base64'),
        spki.toString('base64url'),
        ` ${spki.toString('base64')}\n`,
        pem.split('\n').slice(1, -1).join('\n'),
        Buffer.from(pem).toString('base64'),
        Buffer.from(JSON.stringify(jwk)).toString('base64'),
        `The key:\n${pem}`,
      ];
      for (const secret of secrets) refuseSecret(secret, /'jwt.secret' holds a public key/);
    },
  );

  it('its secret is an RSA key of the older form', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = publicKey.export({ type: 'pkcs1', format: 'der' });
    refuseSecret(der.toString('base64'), /holds a public key/);
  });

  it('its secret can be found by trying', () => {
    for (const secret of ['x', 'a-short-one', 'x'.repeat(31)])
      refuseSecret(secret, /'jwt.secret' must have at least 32 bytes/);
    for (const secret of [' ', '\t\n', ' '.repeat(40)])
      refuseSecret(secret, /'jwt.secret' is only white space/);
    for (const secret of ['x'.repeat(32), 'é'.repeat(16), randomBytes(64).toString('base64')])
      expect(tokenVerifier({ secret }, new FakeClock())).toBeTypeOf('function');
  });

  it('one key of its set is of no use, beside a good one', async () => {
    const [good, other] = [await published('ES256'), await published('ES256')];
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    for (const [bad, why] of [
      [weak, 'has fewer than 2048 bits'],
      [{ ...weak, n: '' }, 'has fewer than 2048 bits'],
      [{ ...other.jwk, x: good.jwk.x }, 'is malformed'],
      [{ kty: 'EC', crv: 'P-256' }, 'is malformed'],
      [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }, 'is malformed'],
      [{ kty: 'EC', crv: 'secp256k1' }, 'has none of the algorithms'],
      [oct(''), 'has fewer than 32 bytes'],
      [{ kty: 'oct' }, 'is malformed'],
      [{ ...good.jwk, kid: 7 }, "has a 'kid' that is not text"],
      [null, 'is not an object'],
    ] as const) {
      refuse(
        { jwks: { keys: [good.jwk, bad as never] } },
        new RegExp(`'jwt.jwks' has keys .*: key 2 ${why}`),
      );
    }
  });

  it.each<[string, JwtOptions, RegExp]>([
    ['one secret has two algorithms', { secret: SECRET, algorithms: ['HS256', 'HS512'] }, /one algorithm/],
    [
      'two sources give one secret two algorithms',
      { secret: SECRET, sources: [{ secret: SECRET, algorithms: ['HS512'] }] },
      /one key with two algorithms, HS256 and HS512/,
    ],
    [
      'a set gives the secret another algorithm',
      { secret: SECRET, sources: [{ jwks: { keys: [oct(SECRET)] }, algorithms: ['HS384'] }] },
      /two algorithms/,
    ],
    ['a secret has an algorithm for public keys', { secret: SECRET, algorithms: ['RS256'] }, /'RS256'/],
    ['an algorithm is none', { jwks: { keys: [] }, algorithms: ['none'] }, /It has 'none'/],
    [
      'the algorithms of two are mixed',
      { secret: SECRET, jwksUrl: 'https://a.test', algorithms: ['HS256'] },
      /jwt.sources|secret and jwksUrl/,
    ],
    ['it is two', { sources: [{ secret: SECRET, jwksUrl: 'https://a.test' }] }, /exactly one of .* It has 2/],
    ['it is none', { sources: [{}] }, /exactly one of .* It has 0/],
    ['its set is empty', { jwks: { keys: [] } }, /no key that can verify tokens: it is empty/],
    ['its set is none', { jwks: {} as never }, /'jwt.jwks' must be a JSON Web Key Set/],
    [
      'no key of its set can be used',
      { jwks: { keys: [oct(SECRET, { use: 'enc' }), { kty: 'EC', crv: 'P-192' }] } },
      /key 1 is not for signatures, key 2 has none of the algorithms/,
    ],
    [
      'its keys are private',
      { jwks: { keys: [oct(SECRET), { kty: 'OKP', crv: 'Ed25519', d: 'x' }] } },
      /public keys only: key 2/,
    ],
    ['its URL is a file', { jwksUrl: 'file:///etc/keys' }, /http or https/],
  ])('%s', (_name, options, message) => refuse(options, message));
});
