import { quoteText } from '../../stack/sql-session.ts';
import { OWNERS, TABLES, type TableName } from './search-set.ts';

/** What Supabase's guides recommend: a policy that calls `auth.uid()` once a statement, and an index on its column. */
export function tablesSql(dimensions: number): string {
  return `${TABLES.map((table) => tableSql(table, dimensions)).join('\n')}
create schema bench;
create table bench.queries (
  source text not null, number int not null, embedding extensions.vector(${dimensions}) not null,
  primary key (source, number)
);
create table bench.truths (
  table_name text not null, owner uuid not null, source text not null, number int not null,
  ids int[] not null, distances float8[] not null,
  primary key (table_name, owner, source, number)
);
`;
}

/** After the rows are there: an index is made faster of all of them. With pgvector's own settings for `m` and the rest. */
export function vectorIndexSql(table: TableName): string {
  return `create index ${table}_embedding_idx on public.${table} using hnsw (embedding extensions.vector_cosine_ops);`;
}

export function otherIndexesSql(table: TableName): string {
  return `alter table public.${table} add primary key (${isParted(table) ? 'id, owner' : 'id'});
create index ${table}_owner_idx on public.${table} (owner)${table === 'covered_documents' ? ' include (id, embedding)' : ''};`;
}

function tableSql(table: TableName, dimensions: number): string {
  return `
create table public.${table} (
  id bigint not null,
  owner uuid not null,
  content text not null,
  embedding extensions.vector(${dimensions}) not null
)${partsSql(table)};
alter table public.${table} enable row level security;
create policy "own documents are shown" on public.${table}
  for select to authenticated using (owner = (select auth.uid()));
revoke all on public.${table} from anon, authenticated;
grant select on public.${table} to authenticated;
${matchFunctionSql(table, dimensions)}`;
}

/** Owners of many rows have a part each, all others share one. */
function partsSql(table: TableName): string {
  if (!isParted(table)) return '';
  const owners = [OWNERS.scattered10, OWNERS.clustered10];
  const parts = owners.map(
    ({ sub }, at) =>
      `;\ncreate table public.${table}_${at + 1} partition of public.${table} for values in (${quoteText(sub)})`,
  );
  return ` partition by list (owner)${parts.join('')};\ncreate table public.${table}_others partition of public.${table} default`;
}

function isParted(table: TableName): boolean {
  return table === 'parted_documents';
}

/** As Supabase's guide to semantic search has it, with the columns of this table. */
function matchFunctionSql(table: TableName, dimensions: number): string {
  return `
create function public.match_${table}(query_embedding extensions.vector(${dimensions}), match_threshold float, match_count int)
returns table (id bigint, owner uuid, content text, similarity float)
language sql stable
as $$
  select d.id, d.owner, d.content, 1 - (d.embedding <=> query_embedding) as similarity
  from public.${table} d
  where 1 - (d.embedding <=> query_embedding) > match_threshold
  order by d.embedding <=> query_embedding asc
  limit match_count;
$$;
grant execute on function public.match_${table} to authenticated;`;
}
