import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { codecFor } from '../../src/consolidated/values/codec-for.ts';
import { decodeRawDocument } from '../../src/consolidated/values/raw-document.ts';
import { rowDecoder } from '../../src/consolidated/values/row-decoder.ts';
import { type EmbeddedDatabase, openEmbedded } from './open-embedded.ts';

let database: EmbeddedDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await openEmbedded();
  await database.exec('create type pair as (n bigint, price numeric, at timestamptz)');
  catalog = await introspect(database.query, ['public'], []);
});

afterAll(() => database.close());

/** Runs a caller's statement in both forms; the columns' types are named in the order of its columns. */
async function bothForms(
  sql: string,
  types: Readonly<Record<string, string>>,
  largeNumbers: 'throw' | 'string',
) {
  const columns = await Promise.all(
    Object.entries(types).map(async ([name, type]) => {
      const rows = await database.query(`select '${type}'::regtype::oid::text`, []);
      return { name, type: catalog.type(Number(rows[0]?.[0]))! };
    }),
  );
  const describe = vi.fn(async () => columns);
  const typed = await database.query(sql, []);
  const decoder = rowDecoder(
    columns.map(({ name, type }) => ({ name, codec: codecFor(type, { largeNumbers }) })),
  );
  const [document] = await database.query(
    `select json_build_array('n', count(*), json_agg(t.*), 'n')::text from (${sql}) t`,
    [],
  );
  return {
    fromText: () => typed.map((row) => decoder.fromRow(row)),
    fromDocument: async () => (await decodeRawDocument(document?.[0] ?? '', { largeNumbers }, describe)).rows,
    describe,
  };
}

const TYPES = {
  id: 'bigint',
  total: 'numeric',
  half: 'float8',
  list: 'bigint[]',
  pairs: 'pair[]',
  data: 'jsonb',
  at: 'timestamptz',
  raw: 'bytea',
};

const EXACT = `select 9007199254740992 as id, 1234567890.50000000000 as total, 0.30000000000000004::float8 as half,
  '{{1},{1000000000000000000}}'::bigint[] as list, array[row(1, 'NaN', '2024-01-01'), null]::pair[] as pairs,
  '{"n": [12345678901234567890]}'::jsonb as data, '2024-01-02 03:04:05.6+00'::timestamptz as at, '\\x00ff'::bytea as raw
  union all select null, null, null, null, null, null, null, null`;

it.each(['throw', 'string'] as const)(
  "a caller's own SQL gives the same in both forms, large numbers as asked: %s",
  async (largeNumbers) => {
    const { fromText, fromDocument, describe } = await bothForms(EXACT, TYPES, largeNumbers);
    expect(await fromDocument()).toStrictEqual(fromText());
    expect(describe).toHaveBeenCalledOnce();
  },
);

it.each([
  ['id', 'bigint', '9007199254740993'],
  ['total', 'numeric', '0.12345678901234567'],
  ['list', 'bigint[]', "'{9007199254740993}'::bigint[]"],
  ['pairs', 'pair[]', 'array[row(9007199254740993, 1, null)]::pair[]'],
])('column %s of type %s is refused in both forms', async (name, type, expression) => {
  const { fromText, fromDocument } = await bothForms(
    `select ${expression} as ${name}`,
    { [name]: type },
    'throw',
  );
  const refused = expect.objectContaining({ code: 'NUMBER_TOO_LARGE', field: name });
  expect(fromText).toThrow(refused);
  await expect(fromDocument()).rejects.toThrow(refused);
});
