import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import { splitStatements } from '../../src/ops/sql-statements.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { namesIn, readPages } from './markdown.ts';

const page = readPages().find(({ path }) => path === 'docs/vector-search.md');

describe('the page of vector search', () => {
  let pglite: PGlite;
  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ migrated: true });
    // What the page adds a column of words to.
    await pglite.exec('create table articles (title text, body text)');
  });
  afterAll(() => pglite.close());

  it('shows indexes that can be created, and that searches know', async () => {
    const blocks = page?.fences.filter(({ language }) => language === 'sql') ?? [];
    for (const { text } of blocks) {
      for (const statement of splitStatements(text)) await pglite.exec(statement.text);
    }
    const catalog = await introspect(
      async (text, values) => {
        const asTheyAre = { rowMode: 'array', serializers: { 1009: String } } as const;
        return (await pglite.query<string[]>(text, [...values], asTheyAre)).rows;
      },
      ['public'],
      ['authenticated'],
    );
    const notes = catalog.relation('public', 'notes')?.searchable;
    expect(notes?.vectorIndexes.map(({ form, isPartial }) => ({ ...form, isPartial }))).toEqual([
      { kind: 'whole', isPartial: false },
      { kind: 'halfvec', dimensions: 1024, isPartial: false },
      { kind: 'binary', dimensions: 1024, isPartial: false },
      { kind: 'subvector', start: 1, dimensions: 256, isPartial: false },
      { kind: 'whole', isPartial: true },
    ]);
    expect(notes?.indexedColumns).toEqual(new Set(['id', 'owner_id']));
    expect(notes?.policyColumnsByRole).toEqual(new Map([['authenticated', new Set(['owner_id'])]]));
    const passages = catalog.relation('public', 'passages')?.searchable;
    expect(passages?.coveringIndexes).toMatchObject([
      { columns: ['owner_id', 'id', 'language', 'embedding'] },
    ]);
    expect(catalog.relation('public', 'documents')?.searchable?.vectorIndexes).toHaveLength(1);
  });

  it('names the operator classes of pgvector, and the methods that have them', async () => {
    const { rows } = await pglite.query<{ method: string; name: string }>(
      `select m.amname as method, o.opcname as name
       from pg_opclass o join pg_am m on m.oid = o.opcmethod and m.amname in ('hnsw', 'ivfflat')
       where o.opcname ~ '^(vector|halfvec)_'`,
    );
    const table = [...(page?.text.matchAll(/^\| `\w+` \|(.*_ops.*)\|(.*)\|$/gm) ?? [])];
    const documented = table.flatMap(([, classes = '', methods = '']) =>
      methods
        .split(',')
        .flatMap((method) => namesIn(classes).map((name) => ({ method: method.trim().toLowerCase(), name }))),
    );
    const sorted = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).sort();
    expect(documented.length).toBeGreaterThan(0);
    expect(sorted(documented)).toEqual(sorted(rows));
  });
});
