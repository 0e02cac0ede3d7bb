import { expect, it } from 'vitest';
import { contribModules } from './pglite-extensions.ts';

it('loads what Supabase has installed, and what a script names', () => {
  expect(contribModules([], false)).toEqual(['pgcrypto', 'uuid_ossp']);
  expect(contribModules(['create extension if not exists "citext"', 'select 1'], false)).toEqual([
    'citext',
    'pgcrypto',
    'uuid_ossp',
  ]);
  expect(contribModules(['create extension earthdistance cascade'], false)).toContain('cube');
  expect(contribModules(['create extension autoinc'], false)).toContain('moddatetime');
  expect(contribModules(['CREATE EXTENSION PG_TRGM;'], false)).toContain('pg_trgm');
  expect(contribModules(['select allow, segment from "is-notes"'], false)).toEqual(['pgcrypto', 'uuid_ossp']);
});

it('loads all for data that is kept, which an earlier run may have made with any', () => {
  expect(contribModules([], true)).toContain('ltree');
});
