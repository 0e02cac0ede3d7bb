import { describe, expect, it } from 'vitest';
import { loginUrls } from './login-urls.ts';

describe('loginUrls', () => {
  it('puts the login in the place of the administrator', () => {
    expect(
      loginUrls({ admin: 'postgres://boss:old@db.example:5433/app?sslmode=require' }, 'cdb_user', 'new'),
    ).toEqual({
      direct: 'postgres://cdb_user:new@db.example:5433/app?sslmode=require',
    });
  });

  it("keeps the project ref on Supabase's pooler and gives both of its modes", () => {
    const admin = 'postgres://postgres.abcdef:old@aws-0-eu.pooler.supabase.com:5432/postgres';
    expect(loginUrls({ admin }, 'cdb_user', 'new')).toEqual({
      session: 'postgres://cdb_user.abcdef:new@aws-0-eu.pooler.supabase.com:5432/postgres',
      transaction: 'postgres://cdb_user.abcdef:new@aws-0-eu.pooler.supabase.com:6543/postgres',
    });
  });

  it('takes poolers that are given beside the direct URL', () => {
    const urls = loginUrls(
      { admin: 'postgres://boss:old@db:5432/app', transaction: 'postgres://x@pooler:6432/app' },
      'cdb_user',
      'a+b/c',
    );
    expect(urls).toEqual({
      direct: 'postgres://cdb_user:a%2Bb%2Fc@db:5432/app',
      transaction: 'postgres://cdb_user:a%2Bb%2Fc@pooler:6432/app',
    });
  });
});
