import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import { vector } from '@electric-sql/pglite-pgvector';
import { describe, expect, it } from 'vitest';
import { createDatabaseService, service, user } from '../../src/index.ts';

const ME = '00000000-0000-4000-8000-00000000000a';

/** As migrations of a Supabase project look that nobody wrote for this package. */
const PROJECT = `
  create extension if not exists "uuid-ossp" with schema extensions;
  create extension if not exists pgcrypto with schema extensions;
  create extension if not exists pg_trgm with schema extensions;
  create extension if not exists citext;

  create table public.notes (
    id uuid primary key default extensions.uuid_generate_v4(),
    other uuid not null default uuid_generate_v4(),
    owner_id uuid not null default auth.uid(),
    slug citext not null default encode(gen_random_bytes(8), 'hex'),
    title text not null
  );
  create index notes_title_idx on public.notes using gin (title extensions.gin_trgm_ops);
  alter table public.notes enable row level security;
  create policy "own notes" on public.notes to authenticated using ((select auth.uid()) = owner_id);
  alter publication supabase_realtime add table public.notes;

  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
    values ('avatars', 'avatars', true, 1048576, array['image/png']);
  create policy "own folder" on storage.objects for all to authenticated
    using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
`;

describe('a schema that was made for Supabase', () => {
  it('opens, with its extensions, storage and realtime', async () => {
    await using db = createDatabaseService({ embedded: { sql: PROJECT }, schemas: ['public', 'storage'] });
    const mine = db.as(user({ sub: ME }));
    const note = await mine.insert('notes', { title: 'Lisbon' });
    expect(note).toMatchObject({ owner_id: ME, slug: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(
      await mine.sql`select round(similarity(title, ${'Lisboa'})::numeric, 1)::float8 as near from notes`,
    ).toEqual([{ near: 0.6 }]);
    const [crypted] = await mine.sql`select crypt('a', gen_salt('bf')) like '$2%' as hashed`;
    expect(crypted).toEqual({ hashed: true });

    const files = mine.schema('storage');
    await files.insert('objects', { bucket_id: 'avatars', name: `${ME}/me.small.png`, owner_id: ME });
    await expect(
      files.insert('objects', { bucket_id: 'avatars', name: 'another/me.png' }),
    ).rejects.toMatchObject({ statusCode: 403 });
    expect(
      await mine.sql`select path_tokens[1] as folder, storage.filename(name) as file, storage.extension(name) as ext from storage.objects`,
    ).toEqual([{ folder: ME, file: 'me.small.png', ext: 'png' }]);
    expect(
      await db
        .as(user({ sub: '00000000-0000-4000-8000-00000000000b' }))
        .schema('storage')
        .count('objects'),
    ).toBe(0);

    expect(
      await db.as(service())
        .sql`select tablename from pg_publication_tables where pubname = 'supabase_realtime'`,
    ).toEqual([{ tablename: 'notes' }]);
  }, 180_000);

  it('needs no "create extension" for what Supabase has installed', async () => {
    await using db = createDatabaseService({
      embedded: {
        sql: "create table keys (id uuid default uuid_generate_v4(), hash bytea default digest('a', 'sha256'))",
      },
    });
    expect(await db.as(service()).count('keys')).toBe(0);
  }, 180_000);

  it('is opened again from its folder, whatever extensions it used', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cdb-embedded-'));
    try {
      {
        await using db = createDatabaseService({
          embedded: {
            dataDir,
            sql: "create extension ltree; create table paths (at ltree); insert into paths values ('a.b')",
          },
        });
        expect(await db.as(service()).count('paths')).toBe(1);
      }
      await using again = createDatabaseService({ embedded: { dataDir } });
      expect(await again.as(service()).sql`select at <@ 'a' as below from paths`).toEqual([{ below: true }]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 180_000);

  it('opens in a PGlite of your own with the extensions that you gave it', async () => {
    await using pglite = await PGlite.create({ extensions: { vector, uuid_ossp, pg_trgm } });
    await using db = createDatabaseService({
      embedded: {
        pglite,
        sql: 'create extension pg_trgm; create table notes (id uuid default uuid_generate_v4()); alter publication supabase_realtime add table notes',
      },
    });
    expect(await db.as(service()).count('notes')).toBe(0);
    expect(await db.as(service()).schema('public').sql`select similarity('a', 'a')::float8 as s`).toEqual([
      { s: 1 },
    ]);
  }, 180_000);
});
