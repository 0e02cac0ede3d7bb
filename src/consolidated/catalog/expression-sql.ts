/** Nodes that compute nothing themselves. Both names of those that PostgreSQL 16 renamed. */
const HARMLESS_NODES = [
  ...[
    'RANGETBLENTRY',
    'RTE',
    'RTEPERMISSIONINFO',
    'RANGETBLREF',
    'RANGETBLFUNCTION',
    'ALIAS',
    'FROMEXPR',
    'JOINEXPR',
  ],
  ...[
    'TARGETENTRY',
    'VAR',
    'CONST',
    'PARAM',
    'SUBLINK',
    'BOOLEXPR',
    'BOOLEANTEST',
    'NULLTEST',
    'NAMEDARGEXPR',
  ],
  ...['FIELDSELECT', 'RELABELTYPE', 'ARRAYCOERCEEXPR', 'CONVERTROWTYPEEXPR', 'COERCETODOMAIN'],
  ...['COLLATE', 'COLLATEEXPR', 'CASE', 'CASEEXPR', 'WHEN', 'CASEWHEN', 'CASETESTEXPR', 'ARRAY', 'ARRAYEXPR'],
  ...['ROW', 'ROWEXPR', 'ROWCOMPARE', 'ROWCOMPAREEXPR', 'COALESCE', 'COALESCEEXPR', 'MINMAX', 'MINMAXEXPR'],
  ...[
    'SUBSCRIPTINGREF',
    'GROUPINGFUNC',
    'GROUPINGSET',
    'SORTGROUPCLAUSE',
    'WINDOWCLAUSE',
    'SETOPERATIONSTMT',
  ],
  ...['COMMONTABLEEXPR', 'CTESEARCHCLAUSE', 'CTECYCLECLAUSE'],
  ...['JSONCONSTRUCTOREXPR', 'JSONISPREDICATE', 'JSONVALUEEXPR', 'JSONFORMAT', 'JSONRETURNING'],
];

/** Nodes that call what their first field names. */
const CALLING_NODES = ['FUNCEXPR', 'AGGREF', 'WINDOWFUNC'];
const OPERATOR_NODES = ['OPEXPR', 'SCALARARRAYOPEXPR', 'DISTINCTEXPR', 'NULLIFEXPR'];

const TOLD_BY_FIRST_FIELD = [...CALLING_NODES, ...OPERATOR_NODES, 'SQLVALUEFUNCTION', 'QUERY'];

/** It takes a field from json: `->` or `->>`, whose first argument comes next. */
function isArrow(node: string): string {
  return `${node} like 'OPEXPR :opno %:args (' and split_part(${node}, ' ', 3) in ('3211', '3477', '3962', '3963')`;
}

/**
 * What expressions read: of views, of policies for reading, and of functions with a body in standard SQL. They stand behind
 * `nodes`, the relations.
 *
 * They are stored as the text of a parse tree, which every login may read: `{FUNCEXPR :funcid 1299 :funcresulttype …}`. A view
 * has some kilobytes of it, so that it is taken apart here; splitting it is several times faster than a regular expression.
 * No identifier within can be taken for anything else, because blanks and braces of identifiers are escaped.
 *
 * A mark is one of
 * - `r` and the OID of a relation,
 * - `f` and the OID of a function, which may be followed by the bytes of a constant: for `current_setting()` of its
 *   argument, for `auth.jwt()` of the field that is taken from it,
 * - `i` and the OID of a type that a text is converted to,
 * - `n` and a node that is none of those known here, such as `SQLVALUEFUNCTION :op 3`.
 */
export const EXPRESSION_CTES = `
expressions (kind, oid, tree) as materialized (
  select 'view', e.oid, u.ev_action::text
  from nodes e
  join pg_catalog.pg_rewrite u on u.ev_class = e.oid and u.ev_type = '1'
  where e.relkind = 'v'
  union all
  select 'policy', p.oid, p.polqual::text
  from nodes e
  join pg_catalog.pg_policy p on p.polrelid = e.oid
  where e.relrowsecurity and p.polcmd in ('r', '*') and p.polqual is not null
  union all
  -- What calls a function does not hold the defaults of its arguments.
  select 'body', p.oid, concat(p.prosqlbody::text, p.proargdefaults::text)
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.prosqlbody is not null and n.nspname <> all ('{pg_catalog,information_schema}')
),
words (kind, oid, word) as materialized (
  select distinct x.kind, x.oid,
    case when x.tag = any ('{${TOLD_BY_FIRST_FIELD}}')
      then concat_ws(' ', x.tag, split_part(x.part, ' ', 2), split_part(x.part, ' ', 3)) else x.tag end
  from (
    select e.kind, e.oid, p.part, split_part(p.part, ' ', 1) as tag
    from expressions e
    cross join lateral unnest(string_to_array(e.tree, '{')) with ordinality as p (part, place)
    where p.place > 1
  ) x
  where x.tag <> all ('{${HARMLESS_NODES}}')
),
meanings (word, mark) as materialized (
  select w.word,
    case
      -- 1: it selects. What a text is converted to is looked at below.
      when w.word in ('QUERY :commandType 1', 'COERCEVIAIO') then null
      when f.oid is null then 'n' || w.word
      -- It depends on nothing but its arguments.
      when f.pronamespace = 'pg_catalog'::regnamespace and f.provolatile = 'i' then null
      else 'f' || f.oid
    end
  from (select distinct word from words) w
  left join pg_catalog.pg_operator o on o.oid = case
    when w.word ~ '^(${OPERATOR_NODES.join('|')}) :opno \\d+$' then split_part(w.word, ' ', 3)::oid end
  left join pg_catalog.pg_proc f on f.oid = case
    when w.word ~ '^(${CALLING_NODES.join('|')}) :(funcid|aggfnoid|winfnoid) \\d+$' then split_part(w.word, ' ', 3)::oid
    else o.oprcode end
),
-- What they depend on is told by a constant beside them.
told_by_constant (oid) as materialized (
  select p.oid
  from pg_catalog.pg_proc p
  where p.oid in ('pg_catalog.current_setting(text)'::regprocedure, 'pg_catalog.current_setting(text, bool)'::regprocedure)
    or (p.proname = 'jwt' and p.pronamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'auth'))
),
told_calls as (
  select e.kind, e.oid, c.fn, c.part, e.nodes[c.place - 1] as before, e.nodes[c.place + 1] as next,
    e.nodes[c.place - 4] as before_4, e.nodes[c.place - 5] as before_5
  from (
    select e.kind, e.oid, string_to_array(e.tree, '{') as nodes
    from expressions e
    where (e.kind, e.oid) in (select w.kind, w.oid from words w join told_by_constant t on w.word = 'FUNCEXPR :funcid ' || t.oid)
  ) e
  cross join lateral (
    select p.part, p.place, split_part(p.part, ' ', 3) as fn
    from unnest(e.nodes) with ordinality as p (part, place)
    where p.part like 'FUNCEXPR :funcid %'
  ) c
  where c.fn in (select t.oid::text from told_by_constant t)
),
marks (kind, oid, mark, place) as (
  select w.kind, w.oid, m.mark, null::int8
  from words w
  join meanings m using (word)
  where m.mark is not null
    and not (w.word like 'FUNCEXPR %' and m.mark in (select 'f' || t.oid from told_by_constant t))
  union all
  select distinct c.kind, c.oid, 'f' || c.fn || coalesce(case
      -- The first argument.
      when c.ends = 0 and c.part like '%:args (' then c.bytes
      -- What -> or ->> takes from its answer: f() ->> 'a', and (select f()) ->> 'a'.
      when c.ends = 1 and ${isArrow('c.before')} then c.bytes
      when c.ends = 4 and c.before = 'TARGETENTRY :expr ' and c.before_4 like 'SUBLINK %' and ${isArrow('c.before_5')} then c.bytes
    end, ''), null::int8
  from (
    select *, length(part) - length(replace(part, '}', '')) as ends,
      case when next like 'CONST :consttype 25 % :constisnull false %' then ' ' || split_part(split_part(next, '[ ', 2), ' ]', 1) end as bytes
    from told_calls
  ) c
  union all
  select e.kind, e.oid, 'r' || split_part(r.part, ' ', 1), min(r.place)
  from expressions e
  cross join lateral unnest(string_to_array(e.tree, ':relid ')) with ordinality as r (part, place)
  where r.place > 1 and split_part(r.part, ' ', 1) <> '0'
  group by 1, 2, 3
  union all
  -- Of the nodes with a result type only COERCEVIAIO has this field next.
  select distinct e.kind, e.oid, 'i' || split_part(r.part, ' ', 1), null::int8
  from expressions e
  cross join lateral unnest(string_to_array(e.tree, ':resulttype ')) with ordinality as r (part, place)
  where (e.kind, e.oid) in (select w.kind, w.oid from words w where w.word = 'COERCEVIAIO')
    and r.place > 1 and split_part(r.part, ' ', 2) = ':resultcollid'
),
-- Relations in the order of the text.
reads (kind, oid, marks) as materialized (
  select m.kind, m.oid, json_agg(m.mark order by m.place) from marks m group by m.kind, m.oid
)`;
