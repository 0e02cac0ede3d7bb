import { createClient } from '@supabase/supabase-js';
import { expect, it } from 'vitest';
import { type LegacyDatabaseOptions, parseLegacyOptions } from './legacy-options.ts';

const GIVEN: LegacyDatabaseOptions = {
  createClient,
  url: 'https://ref.supabase.co',
  key: 'sb_publishable_x',
};

it('has defaults that fit a project', () => {
  expect(parseLegacyOptions(GIVEN)).toMatchObject({ schema: 'public', maxRows: 1000, timeoutMs: 10_000 });
});

it.each([
  [{ url: 'ref.supabase.co' }, "'url'"],
  [{ url: 'postgres://ref' }, "'url'"],
  [{ key: '' }, "'key'"],
  [{ createClient: undefined }, "'createClient'"],
  [{ maxRows: 0 }, "'maxRows'"],
  [{ timeoutMs: -1 }, "'timeoutMs'"],
  [{ schemas: ['public'] }, 'schemas'],
  [{ vectorSearch: { documents: {} } }, "'vectorSearch.documents.function'"],
])('refuses %j and names it', (wrong, name) => {
  const parse = () => parseLegacyOptions({ ...GIVEN, ...wrong } as LegacyDatabaseOptions);
  expect(parse).toThrow(expect.objectContaining({ name: 'ConfigurationError', code: 'INVALID_OPTION' }));
  expect(parse).toThrow(name);
});

it('tells no key', () => {
  const secret = {
    ...GIVEN,
    key: 'a secret',
    serviceKey: 5,
    url: 'a secret too',
  } as unknown as LegacyDatabaseOptions;
  expect(() => parseLegacyOptions(secret)).not.toThrow(/a secret/);
});
