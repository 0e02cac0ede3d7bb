import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import {
  AuthenticationError,
  type Claims,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const SECRET = 'a shared secret of at least thirty-two characters';
const key = (secret = SECRET) => new TextEncoder().encode(secret);
const ME = '00000000-0000-4000-8000-000000000001';

function sign(claims: Claims = {}, secret?: string): Promise<string> {
  return new SignJWT({ sub: ME, aud: 'authenticated', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime((claims.exp as number | undefined) ?? '1h')
    .sign(key(secret));
}

let pglite: PGlite;
let db: ConsolidatedDatabaseService;
let skewMs = 0;
/** The time of day as the service sees it. */
const clock: Clock = { ...systemClock, wallNow: () => Date.now() + skewMs };

beforeAll(async () => {
  pglite = await createEmbeddedDatabase({ sql: 'create table notes (id int)' });
  db = createDatabaseService({ embedded: { pglite }, jwt: { secret: SECRET }, roles: ['reader'], clock });
});

afterAll(async () => {
  await db.close();
  await pglite.close();
});

const whoami = (token: string) =>
  db.withToken(token).sql<{
    role: string;
    uid: string;
  }>`select current_user::text as role, auth.uid()::text as uid`;

async function refused(token: string, code: string): Promise<void> {
  const error: unknown = await whoami(token).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error).toMatchObject({ code, statusCode: 401, outcome: 'not-applied' });
  // Neither the token nor what is in it.
  const told = `${String(error)} ${JSON.stringify(error)}`;
  for (const part of [...token.split('.'), ME]) if (part.length > 3) expect(told).not.toContain(part);
}

describe('withToken', () => {
  it('acts as the bearer of a token that holds', async () => {
    expect(await whoami(await sign())).toEqual([{ role: 'authenticated', uid: ME }]);
    expect(await whoami(await sign({ role: 'anon' }))).toEqual([{ role: 'anon', uid: ME }]);
  });

  it('refuses one of another secret, of no secret, and one that was changed', async () => {
    const token = await sign();
    const [head, body, signature] = token.split('.') as [string, string, string];
    await refused(await sign({}, 'another secret of at least thirty-two chars'), 'TOKEN_INVALID');
    await refused(
      new UnsecuredJWT({ sub: ME, aud: 'authenticated' }).setExpirationTime('1h').encode(),
      'TOKEN_INVALID',
    );
    await refused(`${head}.${body}.`, 'TOKEN_INVALID');
    await refused(`${head}.${body}.${signature.slice(0, -2)}AA`, 'TOKEN_INVALID');
    const changed = Buffer.from(
      JSON.stringify({ sub: ME, aud: 'authenticated', exp: 9e9, role: 'service_role' }),
    ).toString('base64url');
    await refused(`${head}.${changed}.${signature}`, 'TOKEN_INVALID');
  });

  it('refuses another algorithm, of the same secret or of a key of its own', async () => {
    const claims = new SignJWT({ sub: ME, aud: 'authenticated' }).setExpirationTime('1h');
    await refused(await claims.setProtectedHeader({ alg: 'HS512' }).sign(key()), 'TOKEN_INVALID');
    const { privateKey } = await generateKeyPair('ES256');
    const other = new SignJWT({ sub: ME, aud: 'authenticated' }).setExpirationTime('1h');
    await refused(await other.setProtectedHeader({ alg: 'ES256' }).sign(privateKey), 'TOKEN_INVALID');
  });

  it('refuses one that has expired, never expires, or is for somebody else', async () => {
    await refused(await sign({ exp: Math.floor(Date.now() / 1000) - 60 }), 'TOKEN_EXPIRED');
    const claims = () => new SignJWT({ sub: ME, aud: 'authenticated' }).setProtectedHeader({ alg: 'HS256' });
    await refused(await claims().sign(key()), 'TOKEN_INVALID');
    await refused(await claims().setExpirationTime('1h').setNotBefore('10m').sign(key()), 'TOKEN_INVALID');
    await refused(await sign({ aud: 'somebody else' }), 'TOKEN_INVALID');
    await refused(await sign({ aud: undefined as never }), 'TOKEN_INVALID');
  });

  it.each(['no token', 'a.b.c', 'Bearer x.y.z', '..', '🙂'])('refuses %j, which is none', (token) =>
    refused(token, 'TOKEN_INVALID'),
  );

  it.each(['', null, undefined, 7, {}])('refuses %j at once', (token) => {
    expect(() => db.withToken(token as string)).toThrow(expect.objectContaining({ code: 'TOKEN_INVALID' }));
  });

  it.each([
    'service_role',
    'postgres',
    'supabase_admin',
    'authenticator',
    'AUTHENTICATED',
    ' authenticated',
    '',
    7,
    ['anon'],
    'none',
    '__proto__',
  ])('refuses the role claim %j', async (role) => {
    await refused(await sign({ role: role as string }), 'ROLE_NOT_ALLOWED');
    await expect(
      (async () => db.as(user({ sub: ME, role: role as string })).select('notes'))(),
    ).rejects.toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
  });

  it('refuses claims of more than 8 KB, and takes those below', async () => {
    await refused(await sign({ app_metadata: 'x'.repeat(9_000) }), 'CLAIMS_TOO_LARGE');
    // Six bytes each in the ASCII form that is sent.
    await refused(await sign({ app_metadata: 'é'.repeat(1_400) }), 'CLAIMS_TOO_LARGE');
    expect(await whoami(await sign({ app_metadata: 'x'.repeat(7_800) }))).toHaveLength(1);
  });

  it('refuses after the token has expired, on a handle that worked before', async () => {
    const mine = db.withToken(await sign({ exp: Math.floor(Date.now() / 1000) + 600 }));
    expect(await mine.select('notes')).toEqual([]);
    try {
      skewMs = 590_000;
      expect(await mine.select('notes')).toEqual([]);
      skewMs = 601_000;
      for (const call of [
        () => mine.select('notes'),
        () => mine.sql`select 1`,
        () => mine.transaction(async () => {}),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'TOKEN_EXPIRED', statusCode: 401 });
      }
      const vouched = db.as(user({ sub: ME, exp: Math.floor(Date.now() / 1000) + 600 }));
      await expect(vouched.select('notes')).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    } finally {
      skewMs = 0;
    }
  });

  it('needs to know how tokens are verified', async () => {
    await using plain = createDatabaseService({ embedded: { pglite } });
    await expect(plain.withToken(await sign()).select('notes')).rejects.toMatchObject({
      code: 'JWT_NOT_CONFIGURED',
    });
  });

  it('tells keys that cannot be fetched from a token that does not hold', async () => {
    await using remote = createDatabaseService({
      embedded: { pglite },
      jwt: { jwksUrl: 'http://127.0.0.1:1/jwks.json' },
    });
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ sub: ME, aud: 'authenticated' })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime('1h')
      .sign(privateKey);
    await expect(remote.withToken(token).select('notes')).rejects.toMatchObject({
      code: 'JWKS_UNAVAILABLE',
      statusCode: 503,
    });
  });
});

describe('verify', () => {
  const verified = { sub: ME, aud: 'authenticated' };

  it('gives the owner of a token with the claims, to act as and to read', async () => {
    const caller = await db.verify(await sign({ role: 'reader', app_metadata: { team: 7 } }));
    expect(caller).toMatchObject({ kind: 'user', claims: { ...verified, app_metadata: { team: 7 } } });
    const own = await db.verify(await sign());
    const who = (handle: Pick<typeof db, 'sql'>) => handle.sql`select auth.uid()::text as uid`;
    expect(await who(db.as(own))).toEqual([{ uid: ME }]);
    expect(await db.runAs(own, () => who(db))).toEqual([{ uid: ME }]);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['of another secret', () => sign({}, 'another secret of at least thirty-two chars'), 'TOKEN_INVALID'],
    ['that has expired', () => sign({ exp: Math.floor(Date.now() / 1000) - 60 }), 'TOKEN_EXPIRED'],
    ['that expired a second ago', () => sign({ exp: Math.floor(Date.now() / 1000) - 1 }), 'TOKEN_EXPIRED'],
    ['of a role that is not allowed', () => sign({ role: 'service_role' }), 'ROLE_NOT_ALLOWED'],
    ['that is too large', () => sign({ app_metadata: 'x'.repeat(9_000) }), 'CLAIMS_TOO_LARGE'],
    ['that is none', async () => 'no token', 'TOKEN_INVALID'],
  ])('refuses a token %s, as withToken does', async (_name, token, code) => {
    const given = await token();
    const error: unknown = await db.verify(given).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code, statusCode: 401 });
    await refused(given, code);
  });

  it.each([undefined, '', 7])('refuses %j', async (token) => {
    await expect(db.verify(token as string)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('gives an identity that acts until the token expires', async () => {
    const caller = await db.verify(await sign({ exp: Math.floor(Date.now() / 1000) + 600 }));
    const handle = db.as(caller);
    expect(await handle.select('notes')).toEqual([]);
    try {
      skewMs = 601_000;
      await expect(handle.select('notes')).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
      await expect(db.as(caller).select('notes')).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
      await expect(db.runAs(caller, () => db.select('notes'))).rejects.toMatchObject({
        code: 'TOKEN_EXPIRED',
      });
    } finally {
      skewMs = 0;
    }
  });

  it('needs no database', async () => {
    await using offline = createDatabaseService({
      direct: 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
      jwt: { secret: SECRET },
      onWarning: () => {},
    });
    expect(await offline.verify(await sign())).toMatchObject({ claims: verified });
  });
});

describe('keys that an endpoint publishes', () => {
  let server: Server;
  let url: string;
  let answer: (response: ServerResponse) => void;
  beforeAll(async () => {
    server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('verify beside the shared secret that they replace', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const set = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] };
    answer = (response) => void response.end(JSON.stringify(set));
    await using both = createDatabaseService({ embedded: { pglite }, jwt: { secret: SECRET, jwksUrl: url } });
    const token = await new SignJWT({ sub: ME, aud: 'authenticated' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setExpirationTime('1h')
      .sign(privateKey);
    for (const signed of [token, await sign()]) {
      expect((await both.verify(signed)).claims.sub).toBe(ME);
      expect(await both.withToken(signed).select('notes')).toEqual([]);
    }
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['redirects', (response) => void response.writeHead(302, { location: '/else' }).end()],
    ['answers with HTML', (response) => void response.end('<html>')],
    [
      'ends in the middle',
      (response) =>
        void response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
    ],
  ])('are a 503 where the endpoint %s, and the secret serves on', async (_name, behaviour) => {
    answer = behaviour;
    await using both = createDatabaseService({ embedded: { pglite }, jwt: { secret: SECRET, jwksUrl: url } });
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ sub: ME, aud: 'authenticated' })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime('1h')
      .sign(privateKey);
    for (const call of [() => both.verify(token), () => both.withToken(token).select('notes')]) {
      await expect(call()).rejects.toMatchObject({ code: 'JWKS_UNAVAILABLE', statusCode: 503 });
    }
    expect((await both.verify(await sign())).claims.sub).toBe(ME);
  });
});

describe('user', () => {
  it.each([null, 'me', [], undefined])('refuses %j for claims', (claims) => {
    expect(() => user(claims as never)).toThrow(expect.objectContaining({ code: 'INVALID_CLAIMS' }));
  });

  it('refuses a sub that is no text and an exp that is no number', () => {
    expect(() => user({ sub: 7 as never })).toThrow(expect.objectContaining({ code: 'INVALID_CLAIMS' }));
    expect(() => db.as(user({ sub: ME, exp: 'never' as never }))).toThrow(
      expect.objectContaining({ code: 'INVALID_CLAIMS' }),
    );
    expect(() => db.as({ kind: 'admin' } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_IDENTITY' }),
    );
  });

  it('keeps the claims that it was made with', async () => {
    const claims: { sub: string; role?: string } = { sub: ME };
    const identity = user(claims);
    claims.sub = 'somebody else';
    claims.role = 'anon';
    expect(await db.as(identity).sql`select auth.uid()::text as uid, current_user::text as role`).toEqual([
      { uid: ME, role: 'authenticated' },
    ]);
  });

  it('carries any text in its claims unharmed', async () => {
    const name = `🙂 é ' " \\ \u2028 \u0001 $$`;
    const [row] = await db.as(user({ sub: ME, name })).sql`select auth.jwt() ->> 'name' as name`;
    expect(row).toEqual({ name });
  });
});
