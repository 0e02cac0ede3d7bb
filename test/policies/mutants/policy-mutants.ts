/** Each policy of the database, weakened in turn. */
import { quoteName } from '../../../stack/sql-session.ts';
import { TABLES, type Table } from '../model/rows.ts';
import type { Mutant, Query } from './mutant.ts';

interface Policy {
  readonly table: Table;
  readonly name: string;
  readonly permissive: boolean;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALL';
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

const POLICIES = `
  select tablename as table, policyname as name, permissive = 'PERMISSIVE' as permissive, cmd as command, roles::text[] as roles, qual as using, with_check as check
  from pg_policies where schemaname = 'public' order by 1, 2`;

const SECURED = `
  select relname as table, relforcerowsecurity as forced
  from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity order by 1`;

export async function policyMutants(query: Query): Promise<readonly Mutant[]> {
  const policies = (await query(POLICIES)) as readonly Policy[];
  const secured = (await query(SECURED)) as readonly { readonly table: Table; readonly forced: boolean }[];
  const unknown = [...policies, ...secured].find(({ table }) => !TABLES.includes(table));
  if (unknown !== undefined) throw new Error(`The model has no table "${unknown.table}".`);
  return [
    ...policies.flatMap(weakened),
    ...secured.flatMap(({ table, forced }) => {
      const alter = (what: string) => `alter table public.${quoteName(table)} ${what} row level security`;
      const disabled = mutant(table, `${table}: row level security disabled`, alter('disable'));
      return forced ? [disabled, mutant(table, `${table}: FORCE removed`, alter('no force'))] : [disabled];
    }),
  ];
}

function weakened(policy: Policy): readonly Mutant[] {
  const { table, name, command, using, check, roles } = policy;
  const on = `${quoteName(name)} on public.${quoteName(table)}`;
  const made: Mutant[] = [];
  const add = (what: string, sql: string) => made.push(mutant(table, `${table}, "${name}": ${what}`, sql));
  add('dropped', `drop policy ${on}`);
  if (using !== null && using !== 'true') add('USING true', `alter policy ${on} using (true)`);
  if (check !== null && check !== 'true') add('WITH CHECK true', `alter policy ${on} with check (true)`);
  if (check !== null && using !== null)
    add('WITH CHECK dropped', `drop policy ${on}; ${created({ ...policy, check: null })}`);
  if (!roles.includes('public')) add('to public', `alter policy ${on} to public`);
  if (!roles.includes('public') && !roles.includes('anon'))
    add('to anon too', `alter policy ${on} to ${[...roles, 'anon'].map(quoteName).join(', ')}`);
  if (command === 'SELECT') add('for all', `drop policy ${on}; ${created({ ...policy, command: 'ALL' })}`);
  if (!policy.permissive) add('permissive', `drop policy ${on}; ${created({ ...policy, permissive: true })}`);
  return made;
}

function created({ table, name, permissive, command, roles, using, check }: Policy): string {
  const usingClause = using === null ? '' : ` using (${using})`;
  const checkClause = check === null ? '' : ` with check (${check})`;
  const to = roles.map((role) => (role === 'public' ? role : quoteName(role))).join(', ');
  return `create policy ${quoteName(name)} on public.${quoteName(table)} as ${permissive ? 'permissive' : 'restrictive'} for ${command} to ${to}${usingClause}${checkClause}`;
}

function mutant(table: Table, name: string, sql: string): Mutant {
  return { name, focus: { tables: [table] }, sql };
}
