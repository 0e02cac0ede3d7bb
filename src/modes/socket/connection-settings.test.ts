import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from './connection-settings.ts';
import { assertPortOf, deriveUrls } from './pooler-urls.ts';

const POOLER = 'postgres://cdb_user.abcdef:s3cret@aws-0-eu-central-1.pooler.supabase.com';

describe('connection URLs', () => {
  it('are read with their percent-encoding', () => {
    const settings = parseConnectionUrl(
      'direct',
      'postgres://us%40er:p%3Aw@db.example.com:6000/my%20db',
      'app',
    );
    expect(settings).toMatchObject({ host: 'db.example.com', port: 6000, user: 'us@er', database: 'my db' });
    expect(settings.password).toBe('p:w');
    expect(JSON.stringify(settings)).not.toContain('p:w');
  });

  it.each([
    ['postgres://u:p@db.example.com/d', { kind: 'verify', ca: undefined }],
    ['postgres://u:p@127.0.0.1/d', { kind: 'off' }],
    ['postgres://u:p@LOCALHOST/d', { kind: 'off' }],
    ['postgres://u:p@[::1]/d', { kind: 'off' }],
    ['postgres://u:p@127.0.0.1/d?sslmode=require', { kind: 'verify', ca: undefined }],
    ['postgres://u:p@db.example.com/d?sslmode=disable', { kind: 'off' }],
    ['postgres://u:p@db.example.com/d?sslmode=no-verify', { kind: 'unverified' }],
  ])('verify TLS unless they say or are local: %s', (url, tls) => {
    expect(parseConnectionUrl('direct', url, 'app').tls).toEqual(tls);
  });

  it.each([
    ['mysql://u:s3cret@h/d', /'mysql:'/],
    ['postgres://:s3cret@h/d', /no user/],
    ['postgres://u:s3cret%@h/d', /invalid percent-encoding/],
    ['postgres://u:s3cret@h/d?sslmode=maybe', /'maybe'; it must be one of disable/],
    ['postgres://u:s3cret@h/d?options=-c', /parameter 'options'/],
    ['nonsense s3cret', /is not a valid URL/],
  ])('are refused with what is wrong and without the password: %s', (url, message) => {
    expect(() => parseConnectionUrl('direct', url, 'app')).toThrow(message);
    expect(() => parseConnectionUrl('direct', url, 'app')).not.toThrow(/s3cret/);
  });

  it('of one pooler mode give the other, and the direct host where it is asked for', () => {
    expect(deriveUrls({ transaction: `${POOLER}:6543/postgres` })).toEqual({
      direct: undefined,
      session: `${POOLER}:5432/postgres`,
      transaction: `${POOLER}:6543/postgres`,
    });
    expect(deriveUrls({ session: `${POOLER}:5432/postgres`, direct: 'derive' }).direct).toBe(
      'postgres://cdb_user:s3cret@db.abcdef.supabase.co:5432/postgres',
    );
    expect(() => deriveUrls({ session: 'postgres://u:p@127.0.0.1/d', direct: 'derive' })).toThrow(
      /cannot be derived/,
    );
    expect(deriveUrls({ session: 'postgres://u:p@127.0.0.1/d' })).toEqual({
      session: 'postgres://u:p@127.0.0.1/d',
    });
  });

  it("of the pooler's transaction port serve no other mode, and the other way round", () => {
    expect(() => assertPortOf('session', 'session', `${POOLER}:6543/postgres`)).toThrow(/transaction mode/);
    expect(() => assertPortOf('direct', 'direct', `${POOLER}:6543/postgres`)).toThrow(/transaction mode/);
    expect(() => assertPortOf('transaction', 'transaction', `${POOLER}:5432/postgres`)).toThrow(
      /must use port 6543/,
    );
    expect(() => assertPortOf('transaction', 'transaction', `${POOLER}:6543/postgres`)).not.toThrow();
    expect(() => assertPortOf('session', 'session', 'postgres://u:p@127.0.0.1:6543/d')).not.toThrow();
  });
});
