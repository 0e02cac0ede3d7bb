import type { Catalog, Column, Relation } from '../../src/consolidated/catalog/model.ts';
import type { CompileContext } from '../../src/consolidated/compile/compiled.ts';
import { PlanCache } from '../../src/consolidated/compile/plan-cache.ts';
import type { TypeInfo } from '../../src/consolidated/values/type-info.ts';
import { emptyCatalog } from '../support/empty-catalog.ts';

const builtin = (oid: number, name: string, sql = name): TypeInfo => ({
  oid,
  schema: 'pg_catalog',
  name,
  sql,
  kind: 'base',
  delimiter: ',',
});

const text = builtin(25, 'text');
const types = {
  text,
  int4: builtin(23, 'int4', 'integer'),
  int8: builtin(20, 'int8', 'bigint'),
  uuid: builtin(2950, 'uuid'),
  bool: builtin(16, 'bool', 'boolean'),
  numeric: builtin(1700, 'numeric'),
  json: builtin(114, 'json'),
  jsonb: builtin(3802, 'jsonb'),
  timestamptz: builtin(1184, 'timestamptz', 'timestamp with time zone'),
  tsvector: builtin(3614, 'tsvector'),
  int4range: { ...builtin(3904, 'int4range'), kind: 'range' },
  textArray: { ...builtin(1009, '_text', 'text[]'), kind: 'array', inner: text },
  mood: {
    oid: 90_001,
    schema: 'public',
    name: 'mood',
    sql: '"public"."mood"',
    kind: 'enum',
    labels: ['sad', 'ok'],
    delimiter: ',',
  },
  vector: {
    oid: 90_002,
    schema: 'extensions',
    name: 'vector',
    sql: '"extensions"."vector"',
    kind: 'base',
    delimiter: ',',
  },
} as const satisfies Record<string, TypeInfo>;

const EVERYONE: ReadonlySet<string> = new Set(['anon', 'authenticated', 'service_role']);

const column = (name: string, type: TypeInfo, changes: Partial<Column> = {}): Column => ({
  name,
  type,
  modifier: -1,
  nullable: true,
  hasDefault: false,
  generated: false,
  visibleTo: EVERYONE,
  ...changes,
});

const REQUIRED = { nullable: false } as const;

const trips: Relation = {
  schema: 'public',
  name: 'trips',
  kind: 'table',
  mayHideRows: false,
  readers: EVERYONE,
  replacedWrites: [],
  partOf: undefined,
  visibleTo: EVERYONE,
  columns: new Map(
    [
      column('id', types.uuid, { ...REQUIRED, hasDefault: true }),
      column('title', types.text, REQUIRED),
      column('seats', types.int4, REQUIRED),
      column('budget', types.numeric),
      column('mood', types.mood, { hasDefault: true }),
      column('tags', types.textArray),
      column('meta', types.jsonb),
      column('raw', types.json),
      column('open', types.bool),
      column('starts', types.timestamptz),
      column('days', types.int4range),
      column('words', types.tsvector, { generated: true, hasDefault: true }),
      column('embedding', types.vector, { modifier: 3 }),
      column('we"ird', types.text),
    ].map((one) => [one.name, one]),
  ),
  primaryKey: ['id'],
  uniqueKeys: [['id'], ['title', 'seats']],
  singleRowKeys: [['id'], ['title', 'seats']],
  uniqueKeysByName: new Map(),
  searchable: {
    vectorIndexes: [
      {
        method: 'hnsw',
        column: 'embedding',
        form: { kind: 'whole' },
        metric: 'cosine',
        isPartial: false,
        lists: undefined,
        oids: [1],
      },
    ],
    indexedColumns: new Set(['id', 'title']),
    policyColumnsByRole: new Map(),
    rows: undefined,
    parts: 1,
    partOids: [],
    listedBy: undefined,
    coveringIndexes: [],
  },
};

const counters: Relation = {
  schema: 'public',
  name: 'counters',
  kind: 'table',
  mayHideRows: false,
  readers: EVERYONE,
  replacedWrites: [],
  partOf: undefined,
  visibleTo: EVERYONE,
  columns: new Map([
    ['id', column('id', types.int8, { ...REQUIRED, hasDefault: true, generated: true })],
    ['n', column('n', types.int4, { ...REQUIRED, hasDefault: true })],
  ]),
  primaryKey: [],
  uniqueKeys: [],
  singleRowKeys: [],
  uniqueKeysByName: new Map(),
  searchable: undefined,
};

const frozen: Relation = {
  ...counters,
  name: 'frozen',
  kind: 'materialized view',
  columns: new Map(counters.columns),
};

const relations = new Map([trips, counters, frozen].map((relation) => [relation.name, relation]));

export const fixtureCatalog: Catalog = {
  epoch: 1,
  relation: (schema, name) => (schema === 'public' ? relations.get(name) : undefined),
  relations: (schema) => (schema === 'public' ? [...relations.values()] : []),
  functions: () => [],
  allFunctions: () => [],
  type: (oid) => Object.values(types).find((type) => type.oid === oid),
  bypassesRowSecurity: (role) => role === 'service_role',
  roleTimeoutMs: () => undefined,
  extensionSchema: (name) => (name === 'vector' ? 'extensions' : undefined),
  graph: emptyCatalog(1).graph,
};

export function fixtureContext(changes: Partial<CompileContext> = {}): CompileContext {
  return {
    catalog: fixtureCatalog,
    schema: 'public',
    role: 'authenticated',
    decode: { largeNumbers: 'throw' },
    maxRows: 1000,
    plans: new PlanCache(),
    ...changes,
  };
}
