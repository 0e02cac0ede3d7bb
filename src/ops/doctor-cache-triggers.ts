import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';

const check = 'cache triggers';
const MOST_NAMED = 10;

interface Part {
  /** The table that callers know. */
  readonly root: string;
  /** The table itself, or a partition, or what inherits from it. */
  readonly name: string;
  readonly trigger: 'on' | 'off' | 'missing';
}

const PARTS = `
with recursive tree (root, relation) as (
  select c.oid, c.oid
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence <> 't'
    and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
    and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid)
    and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
  union
  select t.root, i.inhrelid from tree t join pg_catalog.pg_inherits i on i.inhparent = t.relation
)
select format('%I.%I', rn.nspname, r.relname) as root, format('%I.%I', n.nspname, c.relname) as name,
  coalesce((
    select case when g.tgenabled in ('O', 'A') then 'on' else 'off' end
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_proc p on p.oid = g.tgfoid
    join pg_catalog.pg_namespace f on f.oid = p.pronamespace
    where g.tgrelid = c.oid and f.nspname = 'cdb' and p.proname = 'tell_change'
    order by 1 desc limit 1
  ), 'missing') as trigger
from tree t
join pg_catalog.pg_class r on r.oid = t.root join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
join pg_catalog.pg_class c on c.oid = t.relation join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
order by 1, 2`;

/** Which tables tell other processes of their changes, and which only seem to. The login needs no right on them. */
export async function examineCacheTriggers(
  connection: AdminConnection,
  schemas: readonly string[],
): Promise<readonly Report[]> {
  const parts = await connection.query<Part>(PARTS, [JSON.stringify(schemas)]);
  const roots = [...new Set(parts.map(({ root }) => root))];
  const touched = new Set(parts.filter(({ trigger }) => trigger !== 'missing').map(({ root }) => root));
  const silent = parts.filter(({ root, trigger }) => touched.has(root) && trigger !== 'on');
  if (silent.length > 0) return silent.map(halfWatched);
  if (touched.size === 0) {
    const message =
      'No table tells of its changes: what other processes have cached lives as long as its time to live';
    return [{ level: 'info', check, message, advice: "Run 'cdb cache triggers --all' if a cache is used." }];
  }
  const others = roots.filter((root) => !touched.has(root));
  if (others.length === 0)
    return [{ level: 'ok', check, message: `All ${roots.length} tables tell of their changes` }];
  const named = others.slice(0, MOST_NAMED).join(', ') + (others.length > MOST_NAMED ? ', …' : '');
  const message = `${touched.size} of ${roots.length} tables tell of their changes. Not: ${named}`;
  return [{ level: 'info', check, message }];
}

function halfWatched({ root, name, trigger }: Part): Report {
  const what = trigger === 'off' ? 'has its trigger switched off' : 'has no trigger';
  const whose = name === root ? `The table ${name}` : `${name}, which is a part of ${root},`;
  return {
    level: 'warning',
    check,
    message: `${whose} ${what}: other processes are not told of changes there`,
    advice: `Run as the owner of the table: select cdb.watch_table('${root.replaceAll("'", "''")}');`,
  };
}
