import { type Identity, user } from '../../src/index.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { type Metric, vectorOf } from './generated/generated-table.ts';
import { isAbout, similarityOf } from './generated/similarity.ts';

/** Owners by the rows that they have: 150, and 3,000 which lie apart from all others. */
export const FEW = 1;
export const FAR = 2;
const OTHERS = [3, 4, 5, 6, 7, 8, 9];

export interface HeldRow {
  readonly id: number;
  readonly owner: number;
  readonly team: number;
  readonly kind: number;
  readonly v: readonly number[] | undefined;
}

export function ownerOf(number: number): Identity {
  return user({ sub: subjectOf(number) });
}

export function subjectOf(number: number): string {
  return `00000000-0000-4000-8000-00000000000${number}`;
}

export const HELD_ROWS: readonly HeldRow[] = generate(new SeededRandom(7));

/** One row in ten has the vector of another one, some have none, or one without a direction. */
function generate(random: SeededRandom): readonly HeldRow[] {
  const rows: HeldRow[] = [];
  for (let id = 1; id <= 6_000; id++) {
    const owner = id % 2 === 0 ? FAR : id % 40 === 1 ? FEW : random.pick(OTHERS)!;
    const noise = vectorOf(random, 1);
    const fresh = noise.map((value, at) => value + (owner === FAR ? -4 : at));
    const what = random.next();
    const twin = what > 0.9 ? rows.findLast((row) => row.owner === owner)?.v : undefined;
    const v = what < 0.03 ? undefined : what < 0.04 ? fresh.map(() => 0) : (twin ?? fresh);
    rows.push({ id, owner, team: random.below(2), kind: random.below(5), v });
  }
  return rows;
}

/** Near to the rows of FEW. */
export const VECTOR = Array.from({ length: 8 }, (_, at) => at + 0.5);

const HELD_OF = [
  ['notes', 'owner_id', '(owner_id) include (id, kind, v)'],
  ['pairs', 'owner_id', '(owner_id) include (half, quarter, v)'],
  ['keyless', 'owner_id', '(owner_id) include (id, kind, v)'],
  ['teams', 'owner_id', '(owner_id) include (id, team, v)'],
  ['granted', 'owner_id', '(owner_id) include (id, kind, v)'],
] as const;

/**
 * `notes`; `pairs`, whose key are two columns; `keyless`; `teams`, whose policy names two columns; `granted`, whose key users may not
 * read. Each has an index that holds the vectors, and wide rows.
 */
export const HELD_SQL = `
  create table rows_of (id int not null, owner_id uuid not null, team int not null, kind int not null, half int not null, quarter int not null, title text not null, filling text not null, v extensions.vector(8));
  insert into rows_of values ${HELD_ROWS.map(
    ({ id, owner, team, kind, v }) =>
      `(${id}, '${subjectOf(owner)}', ${team}, ${kind}, ${id >> 1}, ${id & 1}, 'title ${id}', repeat('x', 900), ${v === undefined ? 'null' : `'[${v}]'`})`,
  )};
  ${HELD_OF.map(
    ([table, , index]) => `
      create table ${table} with (autovacuum_enabled = off) as table rows_of;
      alter table ${table} alter column id set not null, alter column half set not null, alter column quarter set not null;
      create index ${table}_held on ${table} ${index};
      create index ${table}_v on ${table} using hnsw (v extensions.vector_cosine_ops);
      alter table ${table} enable row level security;
      create policy own on ${table} for select to authenticated
        using (owner_id = (select auth.uid()) ${table === 'teams' ? 'and team = 1' : ''});
      ${table === 'pairs' ? 'alter table pairs add primary key (half, quarter);' : table === 'keyless' ? '' : `alter table ${table} add primary key (id);`}
      revoke all on ${table} from authenticated;
      grant select ${table === 'granted' ? '(owner_id, title, v, kind)' : ''} on ${table} to authenticated;
      grant select on ${table} to service_role;`,
  ).join('')}
`;
export const HELD_TABLES = HELD_OF.map(([table]) => table);

export interface Truth {
  readonly metric: Metric;
  readonly limit: number;
  readonly passes: (row: HeldRow) => boolean;
  readonly threshold?: number;
  readonly vector?: readonly number[];
}

interface Found {
  readonly title: string;
  readonly similarity: number | string;
}

/** What is wrong with an answer; undefined if nothing is. */
export function wrongIn(found: readonly Found[], truth: Truth): string | undefined {
  const { metric, limit, passes, threshold, vector = VECTOR } = truth;
  const similarities = new Map<string, number>(
    HELD_ROWS.flatMap((row) =>
      row.v !== undefined && passes(row)
        ? [[`title ${row.id}`, similarityOf(metric, vector, row.v)] as const]
        : [],
    ),
  );
  const nearest = [...Float64Array.from(similarities.values(), (value) => -value).sort()]
    .map((value) => -value)
    .filter((value) => threshold === undefined || value >= threshold)
    .slice(0, limit);
  if (found.length !== nearest.length) return `${found.length} rows, where there are ${nearest.length}`;
  if (new Set(found.map(({ title }) => title)).size !== found.length) return 'a row comes twice';
  for (const [at, { title, similarity }] of found.entries()) {
    const own = similarities.get(title);
    if (own === undefined) return `${title} does not pass`;
    if (!isAbout(Number(similarity), own)) return `${title} is similar by ${own}, not ${similarity}`;
    if (!isAbout(Number(similarity), nearest[at]!))
      return `${title} with ${similarity} is at ${at}, where ${nearest[at]} is the nearest`;
  }
  return undefined;
}
