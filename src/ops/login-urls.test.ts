import { describe, expect, it } from 'vitest';
import { type AdminPlace, loginUrls } from './login-urls.ts';

const place = (url: string, mode: AdminPlace['mode'] = 'direct', user = 'postgres'): AdminPlace => ({
  url,
  mode,
  user,
});

describe('loginUrls', () => {
  it('puts the login in the place of the administrator', () => {
    const admin = place('postgres://boss:old@db.example:5433/app?sslmode=require');
    expect(loginUrls(admin, {}, 'cdb_user', 'new')).toEqual({
      direct: 'postgres://cdb_user:new@db.example:5433/app?sslmode=require',
    });
  });

  it("keeps the project ref on Supabase's pooler and gives both of its modes", () => {
    const admin = place(
      'postgres://postgres.abcdef:old@aws-0-eu.pooler.supabase.com:5432/postgres',
      'session',
    );
    expect(loginUrls(admin, {}, 'cdb_user', 'new')).toEqual({
      session: 'postgres://cdb_user.abcdef:new@aws-0-eu.pooler.supabase.com:5432/postgres',
      transaction: 'postgres://cdb_user.abcdef:new@aws-0-eu.pooler.supabase.com:6543/postgres',
    });
  });

  it('takes poolers that are given beside the direct URL', () => {
    const admin = place('postgres://boss:old@db:5432/app', 'direct', 'boss');
    expect(loginUrls(admin, { transaction: 'postgres://x@pooler:6432/app' }, 'cdb_user', 'a+b/c')).toEqual({
      direct: 'postgres://cdb_user:a%2Bb%2Fc@db:5432/app',
      transaction: 'postgres://cdb_user:a%2Bb%2Fc@pooler:6432/app',
    });
  });

  it('keeps the tenant of a Supavisor on any host, in each of its URLs', () => {
    const admin = place('postgres://postgres.my-tenant:old@supavisor.internal:5432/app', 'session');
    const poolers = { transaction: 'postgres://postgres.my-tenant@supavisor.internal:6543/app' };
    expect(loginUrls(admin, poolers, 'cdb_user', 'new')).toEqual({
      session: 'postgres://cdb_user.my-tenant:new@supavisor.internal:5432/app',
      transaction: 'postgres://cdb_user.my-tenant:new@supavisor.internal:6543/app',
    });
  });

  it('keeps the tenant of a pooler that is given beside the direct URL', () => {
    const admin = place('postgres://postgres:old@db:5432/app');
    const poolers = { session: 'postgres://postgres.t1@supavisor:5432/app' };
    expect(loginUrls(admin, poolers, 'cdb_user', 'new')).toEqual({
      direct: 'postgres://cdb_user:new@db:5432/app',
      session: 'postgres://cdb_user.t1:new@supavisor:5432/app',
    });
  });

  it('says which of the URLs is none, and quotes none of it', () => {
    const admin = place('postgres://postgres:s3cret@db:5432/app');
    const nameOf = (mode: string) => `--${mode}`;
    const urls = (poolers: Parameters<typeof loginUrls>[1]) => () =>
      loginUrls(admin, poolers, 'cdb_user', 'new', nameOf);
    expect(urls({ session: 'no url s3cret' })).toThrow(/'--session' is not a valid URL/);
    expect(urls({ session: 'postgres://a@b/c', transaction: 's3cret' })).toThrow(/'--transaction' is not/);
    expect(urls({ transaction: 'postgres://s3cret%ZZ@b/c' })).toThrow(/'--transaction' contains an invalid/);
    expect(urls({ session: 'no url s3cret' })).not.toThrow(/s3cret/);
  });

  it('takes no part of a role with a dot for a tenant', () => {
    const admin = place('postgres://jane.doe:old@db:5432/app', 'direct', 'jane.doe');
    expect(loginUrls(admin, {}, 'cdb_user', 'new')).toEqual({
      direct: 'postgres://cdb_user:new@db:5432/app',
    });
  });
});
