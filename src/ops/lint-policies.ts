import { TEMPORARY_POLICY } from '../consolidated/own-schema/temporary-policy.ts';
import { scan } from '../consolidated/raw-sql/scan.ts';
import { quotedName } from '../contract/quoted-name.ts';
import type { AdminConnection } from '../modes/index.ts';
import type { LintFinding } from './lint-finding.ts';
import { readNodeTree, type TreeValue } from './node-tree.ts';
import { callsPerRow, comparedColumns, isAlwaysTrue } from './policy-condition.ts';

const COMMANDS = ['select', 'insert', 'update', 'delete'] as const;
type Command = (typeof COMMANDS)[number];

interface PolicyRow {
  readonly table: string;
  readonly policy: string;
  readonly command: Command | 'all';
  readonly permissive: boolean;
  /** Empty: everyone. */
  readonly roles: readonly string[];
  /** As trees, and as Postgres prints them. */
  readonly using: string | null;
  readonly check: string | null;
  readonly usingText: string | null;
  readonly checkText: string | null;
  /** Of the table, by number. */
  readonly columns: Readonly<Record<string, string>>;
  readonly indexed: readonly number[];
}

const POLICIES = `
select format('%I.%I', n.nspname, c.relname) as "table", p.polname::text as policy,
  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
    as command,
  p.polpermissive as permissive,
  to_json(array(select r.rolname::text from pg_catalog.pg_roles r where r.oid = any (p.polroles) order by 1)) as roles,
  p.polqual::text as using, p.polwithcheck::text as check,
  pg_get_expr(p.polqual, p.polrelid) as "usingText", pg_get_expr(p.polwithcheck, p.polrelid) as "checkText",
  (select json_object_agg(a.attnum, a.attname) from pg_catalog.pg_attribute a where a.attrelid = c.oid) as columns,
  to_json(array(select i.indkey[0]::int4 from pg_catalog.pg_index i where i.indrelid = c.oid and i.indpred is null)) as indexed
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
order by 1, 2`;

interface Known {
  /** OIDs of the functions that tell who calls, with their names. */
  readonly callers: Readonly<Record<string, string>>;
  /** OIDs of the operators named `=`. */
  readonly equals: readonly string[];
}

const KNOWN = `
select
  coalesce((
    select json_object_agg(p.oid, format('%s.%s()', n.nspname, p.proname))
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where (n.nspname = 'auth' and p.pronargs = 0) or (n.nspname = 'pg_catalog' and p.proname = 'current_setting')
  ), '{}') as callers,
  (select json_agg(o.oid::text) from pg_catalog.pg_operator o where o.oprname = '=') as equals`;

/** What is wrong with the policies of these schemas. Their conditions are read as the trees that Postgres keeps. */
export async function lintPolicies(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly LintFinding[]> {
  const found = await connection.query<PolicyRow>(POLICIES, [JSON.stringify(schemas)]);
  const [known = { callers: {}, equals: [] }] = await connection.query<Known>(KNOWN);
  // Rules of their own are for those that end by themselves.
  const rows = found.filter(({ policy }) => !policy.startsWith(TEMPORARY_POLICY));
  return [...rows.flatMap((row) => judge(row, known)), ...severalPermissive(rows)];
}

function judge(row: PolicyRow, { callers, equals }: Known): readonly LintFinding[] {
  const { table, policy, command, permissive, roles } = row;
  const operators = new Set(equals);
  const using = treeOf(row.using);
  const check = treeOf(row.check);
  const findings: LintFinding[] = [];
  const add = (
    code: LintFinding['code'],
    level: LintFinding['level'],
    message: string,
    advice: string,
  ): void => {
    findings.push({
      code,
      level,
      object: table,
      policy,
      message: `The policy "${policy}" of ${table} ${message}`,
      advice,
    });
  };
  const perRow = new Set([using, check].flatMap((tree) => callsPerRow(tree, new Set(Object.keys(callers)))));
  if (perRow.size > 0) {
    const names = [...perRow].map((oid) => callers[oid] ?? oid).join(', ');
    add(
      'auth_rls_initplan',
      'warning',
      `calls ${names} for each row`,
      'Call it once, within a select: (select auth.uid()).',
    );
  }
  if (roles.length === 0) {
    add(
      'policy_without_role',
      'warning',
      'has no TO: it is for every role, also for anon',
      `alter policy ${quotedName(policy)} on ${table} to authenticated; Or to the roles that it is meant for.`,
    );
  }
  if ((command === 'update' || command === 'all') && using !== undefined && row.check === null) {
    add(
      'update_without_with_check',
      'warning',
      `has no WITH CHECK: what a row may become is judged by the condition for what it was`,
      'Say it with WITH CHECK, also if it is the same condition.',
    );
  }
  if (permissive && command !== 'select' && allowsAll(using, check, command, operators)) {
    add(
      'rls_policy_always_true',
      'error',
      `lets ${roles.length === 0 ? 'everyone' : roles.join(', ')} write any row`,
      'Give it a condition, or revoke the grant and drop the policy.',
    );
  }
  if ([row.usingText, row.checkText].some(readsUserMetadata)) {
    add(
      'rls_references_user_metadata',
      'error',
      'reads user_metadata, which users may change themselves',
      'Use app_metadata, or a table that only the service writes.',
    );
  }
  const compared = comparedColumns(using, operators, new Set(row.indexed));
  if (compared.missing.size > 0) {
    const names = [...compared.missing].map((number) => quotedName(row.columns[number] ?? String(number)));
    add(
      'unindexed_policy_columns',
      'info',
      `compares ${names.join(', ')} with the caller, and no index begins with it`,
      names.map((name) => `create index on ${table} (${name});`).join(' '),
    );
  }
  return findings;
}

function treeOf(text: string | null): TreeValue | undefined {
  if (text === null) return undefined;
  const tree = readNodeTree(text);
  // To go on would be to find nothing wrong with a condition that was not read.
  if (tree === undefined) throw new Error('A condition in the catalog has an unknown form.');
  return tree;
}

function allowsAll(
  using: TreeValue | undefined,
  check: TreeValue | undefined,
  command: PolicyRow['command'],
  equals: ReadonlySet<string>,
): boolean {
  if (command === 'delete') return isAlwaysTrue(using, equals);
  if (command === 'insert') return isAlwaysTrue(check, equals);
  return isAlwaysTrue(using, equals) || isAlwaysTrue(check, equals);
}

/** In a text, such as a key or a path of keys, or as the column of `auth.users`. */
function readsUserMetadata(condition: string | null): boolean {
  if (condition === null) return false;
  return scan(condition).tokens.some(({ kind, text }) =>
    kind === 'other' ? text.startsWith("'") && text.includes('user_metadata') : text === 'raw_user_meta_data',
  );
}

/** Each permissive policy of a role and command is asked for each row. */
function severalPermissive(rows: readonly PolicyRow[]): readonly LintFinding[] {
  const tables = Map.groupBy(
    rows.filter(({ permissive }) => permissive),
    ({ table }) => table,
  );
  return [...tables].flatMap(([table, policies]) => {
    const named = new Set(policies.flatMap(({ roles }) => roles));
    const roles = policies.some((each) => each.roles.length === 0)
      ? new Set(['anon', 'authenticated', ...named])
      : named;
    const findings = new Map<string, { commands: Set<Command>; roles: Set<string> }>();
    for (const role of roles) {
      for (const command of COMMANDS) {
        const several = policies.filter(
          (each) =>
            (each.command === 'all' || each.command === command) &&
            (each.roles.length === 0 || each.roles.includes(role)),
        );
        if (several.length < 2) continue;
        const names = several.map(({ policy }) => policy).join(', ');
        const same = findings.get(names) ?? { commands: new Set(), roles: new Set() };
        findings.set(names, same);
        same.commands.add(command);
        same.roles.add(role);
      }
    }
    return [...findings].map(
      ([policy, found]): LintFinding => ({
        code: 'multiple_permissive_policies',
        level: 'warning',
        object: table,
        policy,
        message: `${table} has several permissive policies for ${[...found.commands].join(', ')} of ${[...found.roles].join(', ')}: ${policy}`,
        advice: 'Join their conditions with OR in one policy for each command.',
      }),
    );
  });
}
