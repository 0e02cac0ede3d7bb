import postgres from 'postgres';
import type { Target } from '../contender.ts';
import type { OpenSearch, Search, VectorContender, VectorContenderName } from './contender.ts';

/** The defaults of `hnsw.ef_search`, and the largest that pgvector takes. */
const LEAST_EF_SEARCH = 40;
const MOST_EF_SEARCH = 1_000;
/** Below every cosine: the function of Supabase's guide wants a threshold, and here nobody wants one. */
const NO_THRESHOLD = -2;

type Transaction = postgres.TransactionSql;
type Statement = postgres.PendingQuery<postgres.Row[]>;
type Written = (tx: Transaction, search: Search, vector: string) => Statement;

interface ResultRow {
  readonly id: string;
  readonly owner: string;
  readonly similarity: number;
}

/** The nearest by the index, as pgvector's readme has it. */
const nearest: Written = (tx, { table, limit }, vector) => tx`
  select id, owner, content, 1 - (embedding <=> ${vector}) as similarity
  from ${tx(table)} order by embedding <=> ${vector} limit ${limit}`;

export const plainPgvector = handWritten(
  'plain pgvector',
  'sql.begin: set_config, select … order by embedding <=> $1 limit n',
  nearest,
);

/** With what pgvector's readme advises for filters: the index goes on while too few rows pass, and keeps more candidates. */
export const [iterative100, iterative400] = ([100, 400] as const).map((efSearch) =>
  handWritten(
    `iterative ef ${efSearch}`,
    `plain pgvector with hnsw.iterative_scan = strict_order, hnsw.ef_search = ${efSearch}`,
    nearest,
    efSearch,
  ),
) as [VectorContender, VectorContender];

export const matchDocuments = handWritten(
  'match_documents',
  'sql.begin: set_config, select * from match_documents($1, threshold, n), a function as in Supabase’s guide',
  (tx, { table, limit }, vector) =>
    tx`select * from ${tx(`match_${table}`)}(${vector}, ${NO_THRESHOLD}, ${limit})`,
);

/** Sorted in a way that no vector index has: Postgres reads all rows of the owner, by the index on the owner where it pays. */
export const exactByHand = handWritten(
  'exact',
  'sql.begin: set_config, select … order by (embedding <=> $1) + 0 limit n, with an index on the owner',
  (tx, { table, limit }, vector) => tx`
    select id, owner, content, 1 - (embedding <=> ${vector}) as similarity
    from ${tx(table)} order by (embedding <=> ${vector}) + 0 limit ${limit}`,
);

function handWritten(
  name: VectorContenderName,
  recipe: string,
  statement: Written,
  efSearch?: number,
): VectorContender {
  return { name, recipe, open: (target) => Promise.resolve(opened(target, statement, efSearch)) };
}

/** @param iterativeEf - where the index goes on while too few rows pass: how many candidates it keeps, at least */
function opened(
  { url, mode, connections }: Target,
  statement: Written,
  iterativeEf: number | undefined,
): OpenSearch {
  const sql = postgres(url, {
    max: connections,
    ssl: false,
    prepare: mode === 'direct',
    fetch_types: false,
    max_lifetime: null,
  });
  const actAs = (tx: Transaction, { person, limit }: Search) => {
    const efSearch = String(Math.min(MOST_EF_SEARCH, Math.max(iterativeEf ?? LEAST_EF_SEARCH, limit)));
    const goesOn = iterativeEf === undefined ? 'off' : 'strict_order';
    return tx`
      select set_config('role', 'authenticated', true),
             set_config('request.jwt.claims', ${JSON.stringify(person.claims)}, true),
             set_config('hnsw.ef_search', ${efSearch}, true), set_config('hnsw.iterative_scan', ${goesOn}, true)`;
  };
  return {
    search: (search) =>
      sql.begin(async (tx) => {
        await actAs(tx, search);
        return [...(await statement(tx, search, JSON.stringify(search.vector)))] as ResultRow[];
      }),
    plan: (search) =>
      sql.begin(async (tx) => {
        await actAs(tx, search);
        const lines = await tx`explain (costs off) ${statement(tx, search, JSON.stringify(search.vector))}`;
        return readPlan(lines.map((line) => String(line['QUERY PLAN'])).join('\n'));
      }),
    close: () => sql.end({ timeout: 1 }),
  };
}

function readPlan(text: string): string {
  if (/_embedding_idx/.test(text)) return 'hnsw';
  if (/_owner_idx/.test(text)) return 'owner index';
  return /Seq Scan/.test(text) ? 'scan' : '';
}
