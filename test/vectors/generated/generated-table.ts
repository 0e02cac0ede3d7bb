/**
 * Tables of vectors at random: who may see what, what is indexed, and what lies in them. All numbers are sixty-fourths, which
 * halfvec keeps as they are, so that what is true can be worked out from them.
 */
import { type Identity, service, user } from '../../../src/index.ts';
import type { SeededRandom } from '../../support/network/seeded-random.ts';

export type Metric = 'cosine' | 'l2' | 'innerProduct' | 'l1';
export const METRICS: readonly Metric[] = ['cosine', 'l2', 'innerProduct', 'l1'];
export const DIMENSIONS = 8;
const CLUSTERS = 10;
const GROUPS = 5;

export interface Row {
  readonly id: number;
  readonly owner: number;
  readonly grp: number;
  readonly kind: number;
  readonly shared: boolean;
  readonly v: readonly number[] | undefined;
}

export interface Caller {
  readonly name: string;
  readonly identity: Identity;
  readonly number: number | undefined;
}

export interface GeneratedTable {
  /** What is searched: a table, or a view of it. */
  readonly name: string;
  readonly about: string;
  /** One script after the other. */
  readonly sql: readonly string[];
  readonly dropped: string;
  readonly rows: readonly Row[];
  /** By which the index orders; undefined without one. */
  readonly indexed: Metric | undefined;
  readonly hasKey: boolean;
  readonly callers: readonly Caller[];
  mayRead(caller: Caller, row: Row): boolean;
}

/** They own nothing, one row, 1 in 100, 3 in 10, and the rest or, where it is the only one, all. */
const OWNERS = { nobody: 9, one: 1, few: 2, some: 3, rest: 4 } as const;

const CALLERS: readonly Caller[] = [
  ...Object.entries(OWNERS).map(([name, number]) => ({
    name,
    number,
    identity: user({ sub: subjectOf(number) }),
  })),
  { name: 'service', number: undefined, identity: service() },
];

function subjectOf(number: number): string {
  return `00000000-0000-4000-8000-00000000000${number}`;
}

/** What an index on the owner or the group holds beside: what only some searches need, or what all do. */
const HELD = [
  ['id', 'v'],
  ['v', 'kind'],
  ['id', 'v', 'shared'],
  ['id', 'v', 'kind', 'shared'],
  ['id', 'v', 'kind', 'shared', 'owner', 'grp'],
] as const;

const POLICIES = {
  none: undefined,
  owner: 'owner = (select auth.uid())',
  'owner or shared': 'owner = (select auth.uid()) or shared',
  'by sub-select': 'grp in (select m.grp from members_of as m where m.member = (select auth.uid()))',
} as const;
type Policy = keyof typeof POLICIES;

export interface TableSize {
  /** Of most tables. */
  readonly rows: number;
}

export function generateTable(random: SeededRandom, number: number, size: TableSize): GeneratedTable {
  const base = `things_${number}`;
  const policy = pick<Policy>(random, ['none', 'owner', 'owner', 'owner or shared', 'by sub-select']);
  const type = pick(random, ['vector', 'vector', 'halfvec']);
  // The first two are what most of what is decided needs.
  const method = number < 2 ? 'hnsw' : pick(random, ['hnsw', 'hnsw', 'hnsw', 'ivfflat', 'none']);
  const metric = pick(random, method === 'ivfflat' ? METRICS.slice(0, 3) : METRICS);
  const isNullable = random.chance(0.5);
  const count = number < 2 ? size.rows : pick(random, [size.rows, size.rows, size.rows, 1_500, 40, 0]);
  const kind = number === 0 || random.chance(0.15) ? 'view' : random.chance(0.15) ? 'partitioned' : 'table';
  const isClustered = random.chance(0.5);
  const isSole = random.chance(0.15);
  const isOwnerIndexed = number === 0 ? false : number === 1 || random.chance(0.5);
  const isAnalyzed = random.chance(0.8);
  const held = random.chance(0.5) ? pick(random, HELD) : undefined;
  const isVacuumed = held !== undefined && random.chance(0.7);
  const rows = generateRows(random, { count, isNullable, isClustered, isSole });
  const own = policy === 'by sub-select' ? 'grp' : 'owner';
  const [made, granted] = [`public.${base}`, 'to authenticated, service_role'];
  const sql = [
    `create table ${made} (
      id int not null, owner uuid not null, grp int not null, kind int not null, shared boolean not null,
      v extensions.${type}(${DIMENSIONS})${isNullable ? '' : ' not null'}, primary key (id)
    ) ${kind === 'partitioned' ? 'partition by hash (id)' : ''};`,
    ...(kind === 'partitioned'
      ? [0, 1, 2].map(
          (part) =>
            `create table ${made}_${part} partition of ${made} for values with (modulus 3, remainder ${part});`,
        )
      : []),
    `create table if not exists public.members_of (member uuid not null, grp int not null);
     delete from public.members_of; insert into public.members_of values ${membersSql()};
     grant select on public.members_of ${granted}; grant select on ${made} ${granted};`,
    ...(rows.length === 0 ? [] : [insertSql(made, rows)]),
    method === 'none'
      ? ''
      : `create index on ${made} using ${method} (v extensions.${type}_${METRIC_NAMES[metric]}_ops)
         ${method === 'ivfflat' ? 'with (lists = 20)' : ''};`,
    isOwnerIndexed ? `create index on ${made} (${own});` : '',
    held === undefined
      ? ''
      : `create index on ${made} (${own}) include (${held.filter((name) => name !== own)});`,
    policy === 'none'
      ? ''
      : `alter table ${made} enable row level security;
         create policy seen on ${made} to authenticated using (${POLICIES[policy]});`,
    kind === 'view'
      ? `create view ${made}_seen with (security_invoker = true) as select * from ${made};
         grant select on ${made}_seen ${granted};`
      : '',
    isAnalyzed ? `analyze ${made};` : '',
    isVacuumed ? `vacuum ${made};` : '',
  ].filter((script) => script !== '');
  return {
    name: kind === 'view' ? `${base}_seen` : base,
    about: `${kind} of ${count} rows of ${type}, ${method} by ${metric}, policy ${policy}, ${own} ${isOwnerIndexed ? 'indexed' : 'not indexed'}${held ? `, held with ${held}${isVacuumed ? ', vacuumed' : ''}` : ''}, ${isClustered ? 'clustered' : 'scattered'}${isSole ? ', one owner' : ''}${isAnalyzed ? '' : ', never analyzed'}`,
    sql,
    dropped: `drop table ${made} cascade;`,
    rows,
    indexed: method === 'none' ? undefined : metric,
    hasKey: kind !== 'view',
    callers: CALLERS,
    mayRead: ({ number }, row) => number === undefined || mayRead(policy, number, row),
  };
}

const METRIC_NAMES: Readonly<Record<Metric, string>> = {
  cosine: 'cosine',
  l2: 'l2',
  innerProduct: 'ip',
  l1: 'l1',
};

function mayRead(policy: Policy, number: number, row: Row): boolean {
  switch (policy) {
    case 'none':
      return true;
    case 'owner':
      return row.owner === number;
    case 'owner or shared':
      return row.owner === number || row.shared;
    case 'by sub-select':
      return groupsOf(number).includes(row.grp);
  }
}

/** The rest is in all groups, some in one of them, and of the last one there are few rows. */
function groupsOf(number: number): readonly number[] {
  if (number === OWNERS.rest) return [0, 1, 2, 3, 4];
  if (number === OWNERS.some) return [0];
  return number === OWNERS.few ? [GROUPS - 1] : [];
}

function membersSql(): string {
  return Object.values(OWNERS)
    .flatMap((number) => groupsOf(number).map((grp) => `('${subjectOf(number)}', ${grp})`))
    .join(', ');
}

interface Content {
  readonly count: number;
  readonly isNullable: boolean;
  readonly isClustered: boolean;
  readonly isSole: boolean;
}

function generateRows(random: SeededRandom, content: Content): Row[] {
  const { count, isNullable, isClustered, isSole } = content;
  const centers = Array.from({ length: CLUSTERS }, () => vectorOf(random, 2));
  const ofOne = random.below(Math.max(count, 1));
  const rows: Row[] = [];
  for (let id = 0; id < count; id++) {
    const cluster = random.below(CLUSTERS);
    const chance = random.next();
    const isFew = chance < (isClustered && cluster === 0 ? 0.1 : isClustered ? 0 : 0.01);
    const isSome = isClustered ? cluster < 3 : chance < 0.31;
    const owner = isFew ? OWNERS.few : isSome ? OWNERS.some : OWNERS.rest;
    const grp = isFew ? GROUPS - 1 : isClustered ? Math.floor(cluster / 3) : random.below(GROUPS - 1);
    const noise = vectorOf(random, 0.7);
    const fresh = centers[cluster]!.map((value, at) => value + noise[at]!);
    const what = random.next();
    const v = what < 0.03 ? undefined : what < 0.035 ? fresh.map(() => 0) : fresh;
    rows.push({
      id,
      owner: isSole ? OWNERS.rest : id === ofOne ? OWNERS.one : owner,
      grp,
      kind: random.below(10),
      shared: random.chance(0.05),
      v: (what > 0.9 ? rows[random.below(id)]?.v : v) ?? (isNullable ? v : fresh),
    });
  }
  return rows;
}

/** Sixty-fourths from −size to size. */
export function vectorOf(random: SeededRandom, size: number): number[] {
  return Array.from({ length: DIMENSIONS }, () => Math.round((random.next() * 2 - 1) * size * 64) / 64);
}

function insertSql(table: string, rows: readonly Row[]): string {
  const values = rows.map(
    ({ id, owner, grp, kind, shared, v }) =>
      `(${id}, '${subjectOf(owner)}'::uuid, ${grp}, ${kind}, ${shared}, ${v === undefined ? 'null' : `'[${v}]'`})`,
  );
  return `insert into ${table} values ${values.join(',\n')};`;
}

export function pick<T>(random: SeededRandom, choices: readonly T[]): T {
  return random.pick(choices) as T;
}
