import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lintRowLevelSecurity } from '../../src/ops/lint.ts';
import { supabaseCli } from '../schema/supabase-cli.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from './embedded-admin.ts';
import { openAdmin, openOwnedDatabase } from './full-stack-admin.ts';
import { FAULTS, SOUND, SOUND_CHANGES } from './lint-faults.ts';
import { runCdb } from './run-cdb.ts';
import { scratchFolder } from './scratch-folder.ts';

describe('the lints of row level security', () => {
  let connection: DisposableAdmin;
  beforeAll(async () => {
    connection = await openEmbeddedAdmin({ sql: SOUND });
  });
  afterAll(() => connection[Symbol.asyncDispose]());

  const lintedWith = async (sql: string, schemas: readonly string[] = ['public']) => {
    await connection.script(`begin; ${sql}`);
    try {
      return await lintRowLevelSecurity(connection, { schemas });
    } finally {
      await connection.script('rollback');
    }
  };

  it('find nothing in a sound database', async () => {
    expect(await lintRowLevelSecurity(connection)).toEqual([]);
  });

  it.each(FAULTS.map((fault) => [fault.what, fault] as const))(
    'find %s',
    async (_what, { sql, code, level, object, policy, schemas }) => {
      const found = await lintedWith(sql, schemas);
      expect(found).toContainEqual({
        ...{ code, level, object, message: expect.stringContaining(object), advice: expect.any(String) },
        ...(policy !== undefined && { policy }),
      });
    },
  );

  it.each(SOUND_CHANGES)('find nothing wrong with %s', async (_what, sql) => {
    expect((await lintedWith(sql)).filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('tell the gravest first', async () => {
    const found = await lintedWith(
      'drop index public.notes_owner_idx; create policy new on public.notes for insert with check (true);',
    );
    expect(found.map(({ level }) => level)).toEqual(['error', 'warning', 'info', 'info']);
  });
});

/** Of the advisors, what is not about who sees what. */
const OTHER_MATTERS = new Set(['unused_index']);
/** An owner who is no superuser may not make these. */
const OF_A_SUPERUSER = /language internal|set "request\./;

describeFullStack('the lints on a server', () => {
  it('name what the advisors of the Supabase CLI name', async () => {
    await using owned = await openOwnedDatabase({ sql: SOUND });
    for (const [place, { sql }] of FAULTS.entries()) {
      if (OF_A_SUPERUSER.test(sql)) continue;
      // With row level security off, the advisors look no further.
      const kept = sql.replace('alter table public.notes disable', 'alter table public.members disable');
      await owned.owner.script(kept.replace('policy new', `policy "new ${place}"`));
    }
    const advisors = ['db', 'advisors', '--level', 'info', '--output-format', 'json'];
    const { stdout } = await supabaseCli(owned.database.ownerUrl, await scratchFolder({}), advisors);
    const { results } = JSON.parse(stdout) as { results: readonly Advice[] };
    const theirs = results
      .filter(({ name }) => !OTHER_MATTERS.has(name))
      .map(({ name, metadata }) => `${name} of ${metadata.name}`);
    const ours = (await lintRowLevelSecurity(owned.owner)).map(({ code, object }) => {
      const [, name] = /^\w+\."?([\w ]+)/.exec(object) ?? [];
      return `${code} of ${name}`;
    });
    expect(new Set(theirs).size).toBeGreaterThan(10);
    expect(theirs.filter((each) => !ours.includes(each))).toEqual([]);
  }, 180_000);

  it('find nothing worth a warning in the schema of this project', async () => {
    await using owned = await openOwnedDatabase({ migrated: true, sql: OWN_SCHEMA });
    const found = await lintRowLevelSecurity(owned.owner);
    expect(found.filter(({ level, code }) => level !== 'info' && !code.startsWith('login_'))).toEqual([]);
  });

  it('find logins with more than they need, and tables whose policies do not apply to them', async () => {
    await using owned = await openOwnedDatabase({ sql: SOUND });
    const name = owned.database.name;
    await using admin = await openAdminDisposable(owned.database.adminUrl);
    await admin.script(`
      create role ${name}_user login noinherit; grant anon, authenticated to ${name}_user;
      create role ${name}_climber login noinherit bypassrls; grant authenticated, service_role to ${name}_climber;
      create role ${name}_owner login inherit; grant anon, authenticated to ${name}_owner;
      create table public.theirs (id int primary key); alter table public.theirs enable row level security;
      create policy read on public.theirs for select to anon using (id < 10);
      alter table public.theirs owner to ${name}_owner;`);
    try {
      const found = (await lintRowLevelSecurity(owned.owner)).filter(
        ({ object }) => object.startsWith(name) || object === 'public.theirs',
      );
      expect(found.map(({ level, code, object }) => `${level} ${code} ${object}`).sort()).toEqual([
        `error login_bypasses_rls ${name}_climber`,
        `error login_may_become_others ${name}_climber`,
        'error rls_not_forced_for_owner public.theirs',
        `warning login_has_grants ${name}_owner`,
        `warning login_inherits_rights ${name}_owner`,
      ]);
      await admin.script('alter table public.theirs force row level security');
      const codes = (await lintRowLevelSecurity(owned.owner)).map(({ code }) => code);
      expect(codes).not.toContain('rls_not_forced_for_owner');
    } finally {
      await admin.script(`drop table public.theirs; drop role ${name}_user, ${name}_climber, ${name}_owner;`);
    }
  });

  it('are printed for people and for scripts, and decide the exit code', async () => {
    await using owned = await openOwnedDatabase({ sql: `${SOUND} drop policy read on public.plain;` });
    const lint = (...args: readonly string[]) =>
      runCdb(['policies', 'lint', ...args], { CDB_ADMIN_URL: owned.database.ownerUrl });
    const logins = (await lintRowLevelSecurity(owned.owner)).filter(({ level }) => level !== 'info');
    expect(await lint()).toMatchObject({
      code: logins.length > 0 ? 1 : 0,
      stdout: expect.stringMatching(/info\s+rls_enabled_no_policy\s+The table public\.plain has no policy/),
    });
    await owned.owner.script('create schema other; create table other.bare (id int)');
    const bare = await lint('--json', '--schema=public,other');
    expect(bare.code).toBe(1);
    expect(JSON.parse(bare.stdout)).toEqual({
      findings: expect.arrayContaining([
        {
          code: 'rls_disabled_in_public',
          level: 'warning',
          object: 'other.bare',
          message: expect.stringContaining('no caller has grants'),
          advice: expect.stringContaining('enable row level security'),
        },
      ]),
    });
  });
});

interface Advice {
  readonly name: string;
  readonly metadata: { readonly name: string };
}

async function openAdminDisposable(url: string) {
  const admin = await openAdmin(url);
  return Object.assign(admin, { [Symbol.asyncDispose]: () => admin.close() });
}
