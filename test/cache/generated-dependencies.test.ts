import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDependencies } from '../../src/consolidated/cache/dependencies.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { catalogOf } from './dependency-schema.ts';
import { plannedRelations } from './planned-relations.ts';

const CALLERS = ['anon', 'authenticated', 'service_role', 'staff'];
const OWNERS = ['first_owner', 'second_owner', 'bypassing_owner'];

/** Relations refer to earlier ones only: policies that lead back to their table are refused by the server. */
const REFERENCE = fc.nat();

const POLICY = fc.record({
  role: fc.constantFrom('public', 'anon', 'authenticated', 'crew', ...OWNERS),
  kind: fc.constantFrom('permissive', 'restrictive'),
  command: fc.constantFrom('select', 'all', 'update'),
  reads: REFERENCE,
});

const TABLE = fc.record({
  owner: fc.constantFrom(...OWNERS),
  security: fc.constantFrom('none', 'enable', 'force'),
  policies: fc.array(POLICY, { maxLength: 3 }),
});

const VIEW = fc.record({
  owner: fc.constantFrom(...OWNERS),
  invoker: fc.boolean(),
  form: fc.constantFrom('join', 'exists', 'union', 'with', 'function', 'definer function'),
  reads: fc.tuple(REFERENCE, REFERENCE),
});

const SCHEMA = fc.array(fc.oneof(TABLE, VIEW), { minLength: 4, maxLength: 14 });

/** Some 0.5 s for each. */
const SCHEMAS = Number(process.env.CDB_GENERATED_SCHEMAS ?? 12);

describe('what a read depends on, of generated schemas', () => {
  let database: DisposableAdmin;

  beforeAll(async () => {
    database = await openEmbeddedAdmin();
    await database.script(`
      create role crew; create role staff in role crew;
      create role first_owner; create role second_owner in role crew; create role bypassing_owner bypassrls;
    `);
  });
  afterAll(() => database.close());

  it('is at least what the server plans to read', { timeout: 60_000 + SCHEMAS * 10_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(SCHEMA, async (schema) => {
        await database.script(
          `reset role; drop schema if exists app cascade; create schema app; ${sqlOf(schema)}`,
        );
        const catalog = await catalogOf(database, ['app'], CALLERS);
        for (const index of schema.keys()) {
          for (const role of CALLERS) {
            const found = readDependencies(catalog, `app.r${index}`, role, new Map());
            const planned = await plannedRelations(database, catalog, `app.r${index}`, role);
            if ('refusal' in found) throw new Error(`r${index} is refused: ${found.refusal.what}`);
            expect(found.tables).toEqual(expect.arrayContaining([...planned]));
          }
        }
      }),
      { numRuns: SCHEMAS },
    );
  });
});

type Generated = typeof SCHEMA extends fc.Arbitrary<infer Value> ? Value : never;

function sqlOf(schema: Generated): string {
  const to = [...CALLERS, ...OWNERS].join(', ');
  const statements = schema.map((relation, index) => {
    const name = `app.r${index}`;
    const before = (reference: number) => (index === 0 ? '(select 1 as id)' : `app.r${reference % index}`);
    const end = `alter table ${name} owner to ${relation.owner}; grant select on ${name} to ${to};`;
    if ('form' in relation) {
      const [first, second] = relation.reads.map(before);
      const option = relation.invoker ? 'with (security_invoker)' : '';
      return `${functionOf(relation.form, index, relation.owner, second!)}
        create view ${name} ${option} as ${bodyOf(relation.form, index, first!, second!)}; ${end}`;
    }
    const security = { none: '', enable: 'enable', force: 'enable' }[relation.security];
    return `create table ${name} (id int);
      ${security === '' ? '' : `alter table ${name} enable row level security;`}
      ${relation.security === 'force' ? `alter table ${name} force row level security;` : ''}
      ${relation.policies
        .map(
          (
            { role, kind, command, reads },
            number,
          ) => `create policy p${number} on ${name} as ${kind} for ${command} to ${role}
            using (exists (select from ${before(reads)} as x));`,
        )
        .join('\n')}
      ${end}`;
  });
  return `grant all on schema app to ${to}; ${statements.join('\n')}`;
}

function functionOf(form: string, index: number, owner: string, reads: string): string {
  if (!form.endsWith('function')) return '';
  return `create function app.f${index}() returns bigint stable language sql ${form.startsWith('definer') ? 'security definer' : ''}
    return (select count(*) from ${reads} as x); alter function app.f${index}() owner to ${owner};`;
}

function bodyOf(form: string, index: number, first: string, second: string): string {
  switch (form) {
    case 'join':
      return `select a.id from ${first} as a cross join ${second} as b`;
    case 'exists':
      return `select a.id from ${first} as a where exists (select from ${second} as b where b.id = a.id)`;
    case 'union':
      return `select a.id from ${first} as a union all select b.id from ${second} as b`;
    case 'with':
      return `with b as materialized (select * from ${second} as x) select a.id from ${first} as a where a.id in (select b.id from b)`;
    default:
      return `select a.id from ${first} as a where app.f${index}() > 0`;
  }
}
