import { DEFAULT_LISTS } from '../consolidated/catalog/vector-index.ts';
import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { rowCount, type VectorSizes } from './doctor-vector-tables.ts';

const check = 'vector search';

/** pgvector's defaults, and the least that suits a large table. */
const M = 16;
const EF_CONSTRUCTION = 64;

/** pgvector advises rows / 1000 lists up to so many rows, and the square root of their number beyond. */
const MILLION = 1_000_000;
/** An index with so many times fewer or more lists is told of. */
const FAR = 4;

interface BuiltIndex {
  /** For messages and statements. */
  readonly name: string;
  readonly method: 'hnsw' | 'ivfflat';
  readonly rows: number;
  readonly m: number | null;
  readonly efConstruction: number | null;
  readonly lists: number | null;
}

/** Each partition has its own. */
const INDEXES = `
select format('%I.%I', n.nspname, x.relname) as name, m.amname::text as method, s.rows, o.m, o."efConstruction", o.lists
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid and x.relkind = 'i'
join pg_catalog.pg_am m on m.oid = x.relam and m.amname in ('hnsw', 'ivfflat')
join pg_catalog.pg_class t on t.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = x.relnamespace
cross join lateral (
  select (case when i.indpred is null then t.reltuples else x.reltuples end)::float8 as rows
) s
cross join lateral (
  select
    max(l.option_value) filter (where l.option_name = 'm')::int4 as m,
    max(l.option_value) filter (where l.option_name = 'ef_construction')::int4 as "efConstruction",
    max(l.option_value) filter (where l.option_name = 'lists')::int4 as lists
  from pg_catalog.pg_options_to_table(x.reloptions) l
) o
where i.indisvalid and n.nspname = any (array(select jsonb_array_elements_text($1::jsonb)))
order by 1`;

/** Indexes whose options do not fit the number of rows. */
export async function examineVectorIndexes(
  connection: AdminConnection,
  schemas: readonly string[],
  sizes: VectorSizes,
): Promise<readonly Report[]> {
  const indexes = await connection.query<BuiltIndex>(INDEXES, [JSON.stringify(schemas)]);
  return indexes.flatMap((index) => (index.method === 'hnsw' ? graph(index, sizes) : lists(index, sizes)));
}

function graph(index: BuiltIndex, sizes: VectorSizes): readonly Report[] {
  const { m, efConstruction } = { m: index.m ?? M, efConstruction: index.efConstruction ?? EF_CONSTRUCTION };
  const options = `m = ${m} and ef_construction = ${efConstruction}`;
  if (efConstruction < 2 * m) {
    const message = `${index.name} has ${options}. pgvector builds no index whose ef_construction is less than twice m, so that neither 'reindex' nor a restored backup can build this one`;
    return [warning(message, rebuild(index, `ef_construction = ${2 * m}`))];
  }
  if (index.rows < sizes.huge || (m >= M && efConstruction >= EF_CONSTRUCTION)) return [];
  const message = `${index.name} has ${options} for ${rowCount(index.rows)}: its graph is too thin, and searches miss neighbours`;
  const wanted = `m = ${Math.max(m, M)}, ef_construction = ${Math.max(efConstruction, EF_CONSTRUCTION)}`;
  return [warning(message, rebuild(index, wanted))];
}

function lists(index: BuiltIndex, sizes: VectorSizes): readonly Report[] {
  if (index.rows < sizes.large) return [];
  const has = index.lists ?? DEFAULT_LISTS;
  const wanted = Math.max(1, Math.round(index.rows <= MILLION ? index.rows / 1_000 : Math.sqrt(index.rows)));
  if (has * FAR >= wanted && has <= wanted * FAR) return [];
  const costs =
    has < wanted ? 'each of them holds too many rows' : 'neighbours are spread over too many of them';
  const message = `${index.name} has ${has} lists for ${rowCount(index.rows)}: ${costs}`;
  const probes = Math.max(1, Math.round(Math.sqrt(wanted)));
  const advice = `${rebuild(index, `lists = ${wanted}`)} For that many lists about ${probes} probes find most neighbours.`;
  return [warning(message, advice)];
}

function rebuild({ name }: BuiltIndex, options: string): string {
  return `alter index ${name} set (${options}); reindex index concurrently ${name};`;
}

function warning(message: string, advice: string): Report {
  return { level: 'warning', check, message, advice };
}
