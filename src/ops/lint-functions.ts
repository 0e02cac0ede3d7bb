import type { AdminConnection } from '../modes/index.ts';
import { type Reach, reachOf, type WayOut } from './function-reach.ts';
import type { LintFinding } from './lint-finding.ts';

interface FunctionRow {
  /** `schema.name(types)` */
  readonly signature: string;
  readonly name: string;
  readonly language: string;
  readonly source: string;
  readonly settings: readonly string[];
  readonly definer: boolean;
  /** Callers can name it: of an exposed schema, and not of a trigger. */
  readonly exposed: boolean;
  /** Those of `anon` and `authenticated` that may execute it. */
  readonly callers: readonly string[];
}

const FUNCTIONS = `
select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
  p.proname::text as name, l.lanname::text as language,
  coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as source,
  to_json(coalesce(p.proconfig, '{}')) as settings,
  p.prosecdef as definer,
  n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype) as exposed,
  to_json(array(
    select r.rolname::text from pg_catalog.pg_roles r
    where r.rolname in ('anon', 'authenticated') and has_function_privilege(r.oid, p.oid, 'execute') order by 1
  )) as callers
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.prokind in ('f', 'p')
  -- Those of Supabase and of this package are their makers' business.
  and n.nspname !~ '^(pg_.*|information_schema|auth|storage|realtime|_realtime|vault|extensions|graphql.*|net|cron|pgsodium.*|pgbouncer|supabase_.*|cdb)$'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  )
order by 1`;

/** Functions that run with more rights than their callers have, and those by which a caller could take such rights. */
export async function lintFunctions(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly LintFinding[]> {
  const rows = await connection.query<FunctionRow>(FUNCTIONS, [JSON.stringify(schemas)]);
  const reaches = new Map(rows.map((row) => [row, reachOf(row.language, row.source, row.settings)]));
  return [
    ...(schemas.includes('pg_catalog') ? [EXPOSED_CATALOG] : []),
    ...rows.flatMap((row) => judge(row, reaches)),
  ];
}

const EXPOSED_CATALOG: LintFinding = {
  code: 'function_is_way_out',
  level: 'error',
  object: 'pg_catalog.set_config(text, text, boolean)',
  message: 'A caller may set the claims by pg_catalog.set_config(text, text, boolean): the schema is exposed',
  advice: 'Leave pg_catalog out of the exposed schemas.',
};

function judge(row: FunctionRow, reaches: ReadonlyMap<FunctionRow, Reach>): readonly LintFinding[] {
  const { signature, definer, exposed, callers, settings } = row;
  const findings: LintFinding[] = [];
  const add = (finding: Omit<LintFinding, 'object'>): void =>
    void findings.push({ object: signature, ...finding });
  const isCallable = exposed && callers.length > 0;
  const who = callers.join(' and ');
  if (definer && isCallable) {
    add({
      code: 'security_definer_function_executable',
      level: 'warning',
      message: `${signature} runs with the rights of its owner, and ${who} may call it`,
      advice: `Move it to a schema that is not exposed; or revoke execute on function ${signature} from public, anon, authenticated; or make it security invoker.`,
    });
  }
  if (!settings.some((each) => each.startsWith('search_path='))) {
    add({
      code: 'function_search_path_mutable',
      level: definer ? 'error' : 'info',
      message: definer
        ? `${signature} runs with the rights of its owner, and a caller decides by the search_path which objects it means`
        : `${signature} has no fixed search_path`,
      advice: `alter function ${signature} set search_path = ''; and name every object with its schema.`,
    });
  }
  if (!isCallable) return findings;
  const out = wayOut(row, reaches);
  const by = out?.through === undefined ? '' : ` through ${out.through}`;
  if (out?.way === 'settings') {
    add({
      code: 'function_is_way_out',
      level: 'error',
      message: `${signature} may set the role or the claims${by}, and ${who} may call it: policies trust these`,
      advice: `revoke execute on function ${signature} from public, anon, authenticated;`,
    });
  } else if (out?.way === 'dynamic SQL') {
    add({
      code: 'function_is_way_out',
      level: definer ? 'error' : 'info',
      message: `${signature} runs SQL that it puts together${by}${definer ? ', with the rights of its owner' : ''}, and ${who} may call it`,
      advice: `Make sure that every part of it is quoted by format() with %I or %L, or bound by USING; else revoke execute on function ${signature} from public, anon, authenticated;`,
    });
  }
  return findings;
}

/** By its own body, or by that of a function which it calls, however far away. Functions of one name count as one. */
function wayOut(
  from: FunctionRow,
  reaches: ReadonlyMap<FunctionRow, Reach>,
): { readonly way: WayOut; readonly through: string | undefined } | undefined {
  const reached = new Set<FunctionRow>([from]);
  for (const row of reached) {
    const calls = reaches.get(row)?.calls;
    for (const other of reaches.keys()) if (calls?.has(other.name) === true) reached.add(other);
  }
  for (const way of ['settings', 'dynamic SQL'] as const) {
    const first = [...reached].find((row) => reaches.get(row)?.ways.has(way));
    if (first !== undefined) return { way, through: first === from ? undefined : first.signature };
  }
  return undefined;
}
