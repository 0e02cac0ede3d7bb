import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anonymous,
  ConfigurationError,
  closeDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
  getDatabaseService,
  ServiceError,
  service,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const URL_OF_NOBODY = 'postgres://nobody:s3cret@127.0.0.1:1/db';

function refusal(options: unknown): ConfigurationError {
  try {
    createDatabaseService(options as DatabaseServiceOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

describe('createDatabaseService refuses', () => {
  it('neither a URL nor embedded, and names both ways', () => {
    for (const options of [{}, { embedded: false }, { service: { direct: URL_OF_NOBODY } }, undefined]) {
      const error = refusal(options);
      expect(error.code).toBe('INVALID_OPTION');
      expect(error.message).toMatch(/'direct', 'session' or 'transaction'/);
      expect(error.message).toMatch(/embedded: true/);
    }
  });

  const POOLER = 'aws-0-eu.pooler.supabase.com';

  it.each([
    ['service.transaction', { service: { transaction: 'no url: s3cret' } }],
    ['service.session', { service: { session: 'http://nobody:s3cret@127.0.0.1' } }],
    ['service.direct', { service: { direct: 'postgres://nobody:s3cret%ZZ@127.0.0.1/db' } }],
    ['service.direct', { service: { direct: 'derive', session: URL_OF_NOBODY } }],
    ['service.direct', { service: { direct: 'derive', session: `postgres://u:s3cret@${POOLER}:5432/db` } }],
    // Others are derived from it.
    ['service.transaction', { service: { transaction: `postgres://u.a%ZZ:s3cret@${POOLER}:6543/db` } }],
    [
      'service.session',
      { service: { session: `postgres://u%ZZ.abc:s3cret@${POOLER}:5432/db`, direct: 'derive' } },
    ],
    ['transaction', { direct: undefined, transaction: `postgres://u.a:s3cret%ZZ@${POOLER}:6543/db` }],
    ['session', { direct: undefined, session: `postgres://u.a:s3cret@${POOLER}/db?sslmode=s3cret` }],
  ])('a URL that is none, by the option that holds it: %s', (option, options) => {
    const error = refusal({ direct: URL_OF_NOBODY, onWarning: () => undefined, ...options });
    expect(error.code).toBe('INVALID_URL');
    expect(error.message).toContain(`'${option}'`);
    expect(error.message.replace("has sslmode 's3cret'", '')).not.toContain('s3cret');
  });

  it('a URL beside embedded', () => {
    expect(refusal({ direct: URL_OF_NOBODY, embedded: true }).message).toMatch(/not both/);
  });

  it.each([
    ['an unknown option', { directUrl: URL_OF_NOBODY }, /'directUrl'/],
    [
      'an unknown option of a pool',
      { direct: URL_OF_NOBODY, pools: { direct: { size: 3 } } },
      /'pools.direct.size'/,
    ],
    ['a timeout of no time', { direct: URL_OF_NOBODY, timeoutMs: 0 }, /'timeoutMs'.* It was 0/],
    ['a timeout that is text', { direct: URL_OF_NOBODY, timeoutMs: '5s' }, /'timeoutMs'/],
    [
      'a pool of half a connection',
      { direct: URL_OF_NOBODY, pools: { direct: { max: 0.5 } } },
      /'pools.direct.max'/,
    ],
    [
      'an unknown way with large numbers',
      { direct: URL_OF_NOBODY, largeNumbers: 'bigint' },
      /'largeNumbers'/,
    ],
    ['no schema', { direct: URL_OF_NOBODY, schemas: [] }, /'schemas'/],
    [
      'an unknown mode in the table',
      { direct: URL_OF_NOBODY, modes: { select: ['pooled'] } },
      /'modes.select.0'/,
    ],
    ['a certificate that is none', { direct: URL_OF_NOBODY, tls: { ca: 'x' } }, /'tls.ca'/],
    [
      'two keys for tokens in one source',
      { direct: URL_OF_NOBODY, jwt: { sources: [{ secret: 'x', jwksUrl: 'https://x.test' }] } },
      /'jwt.sources.0'/,
    ],
    [
      'an unknown option of a source',
      { direct: URL_OF_NOBODY, jwt: { sources: [{ secrets: ['x'] }] } },
      /'jwt.sources.0.secrets'/,
    ],
    ['no key for tokens', { direct: URL_OF_NOBODY, jwt: {} }, /'jwt'/],
  ])('%s, by its name', (_name, options, message) => {
    const error = refusal(options);
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toMatch(message);
  });

  it.each([
    ['no URL', 's3cret'],
    ['another protocol', 'mysql://nobody:s3cret@127.0.0.1/db'],
    ['no user', 'postgres://127.0.0.1/db'],
    ['no host', 'postgres://nobody:s3cret@/db'],
    ['an unknown parameter', `${URL_OF_NOBODY}?search_path=s3cret`],
    ['an unknown sslmode', `${URL_OF_NOBODY}?sslmode=prefer`],
  ])('a URL that is %s, without repeating it', (_name, url) => {
    const error = refusal({ session: url });
    expect(error.code).toBe('INVALID_URL');
    expect(error.message).toMatch(/'session'/);
    expect(JSON.stringify(error) + error.message).not.toContain('s3cret');
  });
});

describe('a service without an identity', () => {
  it('throws IDENTITY_REQUIRED for every call, and says the ways to give one', async () => {
    await using db = createDatabaseService({ direct: URL_OF_NOBODY });
    const calls: (() => Promise<unknown>)[] = [
      () => db.select('notes'),
      () => db.count('notes'),
      () => db.insert('notes', {}),
      () => db.rpc('f'),
      () => db.sql`select 1`,
      () => db.batch([db.build.count('notes')]),
      () => db.transaction(async () => {}),
      () => db.stream('notes')[Symbol.asyncIterator]().next(),
      () => db.explain(db.build.count('notes')),
      () => db.notify('channel'),
      () => db.listen('channel', () => {}),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'IDENTITY_REQUIRED',
        statusCode: 401,
        hint: expect.stringMatching(/as\(.*withToken\(.*runAs\(.*defaultIdentity/),
      });
    }
  });

  it('takes the default identity that it was given', async () => {
    await using pglite = await createEmbeddedDatabase();
    await using db = createDatabaseService({ embedded: { pglite }, defaultIdentity: anonymous() });
    expect(await db.sql`select current_user::text as role`).toEqual([{ role: 'anon' }]);
    expect(await db.as(service()).sql`select current_user::text as role`).toEqual([{ role: 'service_role' }]);
  });
});

describe('a closed service', () => {
  it('refuses every call and says so', async () => {
    await using pglite = await createEmbeddedDatabase({ sql: 'create table notes (id int)' });
    const db = createDatabaseService({ embedded: { pglite } });
    const mine = db.as(user({ sub: 'me' }));
    await mine.select('notes');
    const closing = db.close();
    expect(db.close()).toBe(closing);
    await closing;
    const calls: (() => Promise<unknown>)[] = [
      () => mine.select('notes'),
      () => mine.insert('notes', { id: 1 }),
      () => mine.sql`select 1`,
      () => mine.transaction(async () => {}),
      () => mine.stream('notes')[Symbol.asyncIterator]().next(),
      () => db.as(service()).listen('channel', () => {}),
      () => db.refreshCatalog(),
    ];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ServiceError);
      expect(error).toMatchObject({ code: 'SERVICE_CLOSED', outcome: 'not-applied' });
    }
  });
});

describe('a URL without TLS that is verified', () => {
  const away = (more: string) => `postgres://nobody:s3cret@db.test/db${more}`;
  const separate = { direct: URL_OF_NOBODY, service: { direct: URL_OF_NOBODY } };
  const opened = async (options: DatabaseServiceOptions): Promise<readonly string[]> => {
    const warnings: string[] = [];
    await createDatabaseService({ ...options, onWarning: (message) => warnings.push(message) }).close();
    return warnings.filter((message) => /TLS|https|sslmode/.test(message));
  };

  it.each<[string, DatabaseServiceOptions, RegExp]>([
    ['keys by http', { jwt: { jwksUrl: 'http://keys.test/jwks.json' } }, /'jwt.jwksUrl' is http, not https/],
    [
      'keys of a further source by http',
      { jwt: { sources: [{ jwksUrl: 'https://a.test' }, { jwksUrl: 'http://127.0.0.1.test' }] } },
      /^The URL 'jwt.sources.1.jwksUrl' is http/,
    ],
    ['no TLS', { session: away('?sslmode=disable') }, /'session' has no TLS \(sslmode=disable\)/],
    [
      'a certificate that nobody verifies',
      { service: { direct: away('?sslmode=no-verify') } },
      /'service.direct' verifies nothing/,
    ],
  ])('is refused in production and else warned of once: %s', async (_name, options, message) => {
    const error = refusal({ ...separate, ...options, production: true });
    expect(error).toMatchObject({ code: 'UNPROTECTED_URL', message: expect.stringMatching(message) });
    expect(JSON.stringify(error) + error.message).not.toContain('s3cret');
    expect(await opened({ ...separate, ...options })).toEqual([expect.stringMatching(message)]);
  });

  it('is told of together with others', async () => {
    const options = { direct: away('?sslmode=disable'), jwt: { jwksUrl: 'http://keys.test' } };
    expect(await opened(options)).toEqual([
      expect.stringMatching(/'direct' has no TLS.*'jwt.jwksUrl' is http/),
    ]);
  });

  it.each<[string, DatabaseServiceOptions]>([
    ['http://127.0.0.1:54321/jwks', {}],
    ['http://localhost/jwks', {}],
    ['http://[::1]/jwks', {}],
    ['https://keys.test/jwks', { session: away('') }],
    ['https://keys.test/jwks', { session: away('?sslmode=require') }],
    ['https://keys.test/jwks', { session: `${URL_OF_NOBODY}?sslmode=no-verify` }],
    ['https://keys.test/jwks', { session: `${URL_OF_NOBODY}?sslmode=disable` }],
  ])('is none on this machine, nor with https or verified TLS: %s, %j', async (jwksUrl, options) => {
    const all = { ...separate, ...options, jwt: { jwksUrl } };
    expect(await opened({ ...all, production: true })).toEqual([]);
    expect(await opened(all)).toEqual([]);
  });
});

describe('getDatabaseService', () => {
  const NAMES = [
    'DIRECT_URL',
    'SESSION_URL',
    'TRANSACTION_URL',
    'EMBEDDED',
    'PRODUCTION',
    'JWT_SECRET',
    'TLS_CA',
    'JWKS_URL',
  ];
  beforeEach(() => {
    for (const name of NAMES) vi.stubEnv(`CDB_${name}`, undefined);
    for (const name of NAMES.slice(0, 3)) vi.stubEnv(`CDB_SERVICE_${name}`, undefined);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await closeDatabaseService();
  });

  it('is one per process, configured from the environment', async () => {
    vi.stubEnv('CDB_EMBEDDED', '1');
    const db = getDatabaseService();
    expect(getDatabaseService()).toBe(db);
    expect(await db.as(anonymous()).sql`select current_user::text as role`).toEqual([{ role: 'anon' }]);
    await closeDatabaseService();
    await expect(db.as(anonymous()).sql`select 1`).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    expect(getDatabaseService()).not.toBe(db);
  });

  it('refuses an environment that names no database, or a flag that is neither yes nor no', () => {
    expect(() => getDatabaseService()).toThrow(ConfigurationError);
    vi.stubEnv('CDB_EMBEDDED', 'perhaps');
    expect(() => getDatabaseService()).toThrow(/CDB_EMBEDDED/);
  });

  it('refuses one login for all in production', () => {
    vi.stubEnv('CDB_DIRECT_URL', URL_OF_NOBODY);
    vi.stubEnv('CDB_PRODUCTION', 'true');
    expect(() => getDatabaseService()).toThrow(expect.objectContaining({ code: 'PRIVILEGED_LOGIN' }));
  });
});
