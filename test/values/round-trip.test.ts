import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import { codecFor } from '../../src/consolidated/values/codec-for.ts';
import { encodeValue } from '../../src/consolidated/values/encode.ts';
import type { TypeInfo } from '../../src/consolidated/values/type-info.ts';
import { type EmbeddedDatabase, openEmbedded } from './open-embedded.ts';

let database: EmbeddedDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await openEmbedded();
  await database.exec(`
    create type part as (label text, count integer);
    create type whole as ("the part" part, parts part[], labels text[], data jsonb);
    create table samples (
      "text" text, "text[]" text[], "jsonb" jsonb, "jsonb[]" jsonb[], "hstore" hstore, "hstore[]" hstore[],
      "whole" whole, "whole[]" whole[], "float8" float8, "float8[]" float8[], "int8" int8, "numeric" numeric,
      "bytea" bytea, "bytea[]" bytea[], "timestamptz" timestamptz, "date" date
    );
  `);
  catalog = await introspect(database.query, ['public'], []);
});

afterAll(() => database.close());

function typeOf(column: string): TypeInfo {
  const found = catalog.relation('public', 'samples')?.columns.get(column);
  if (found === undefined) throw new Error(`no column ${column}`);
  return found.type;
}

/** Sends a value through the server and gives back what typed text and a document decode to. */
async function roundTrip(column: string, value: unknown): Promise<readonly [unknown, unknown]> {
  const type = typeOf(column);
  const codec = codecFor(type, { largeNumbers: 'throw' });
  const rows = await database.query(
    `select x.v, json_build_array(${codec.documentExpression('x.v')})::text from (select $1::${type.sql}) as x (v)`,
    [encodeValue(type, value, 'the value')],
  );
  const [text = null, document] = rows[0] ?? [];
  const [json] = JSON.parse(document ?? '') as unknown[];
  return [text === null ? null : codec.fromText(text), json === null ? null : codec.fromJson(json)];
}

async function comesBack<T>(
  column: string,
  values: fc.Arbitrary<T>,
  expected: (value: T) => unknown = (v) => v,
) {
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const wanted = expected(value);
      expect(await roundTrip(column, value)).toStrictEqual([wanted, wanted]);
    }),
    { numRuns: 50 },
  );
}

/** Well-formed text without U+0000, rich in what literals give a meaning to. */
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...'"\\\'{}()[],;=> \n\t\r\u2028', 'NULL', 'null', '🙂', 'é', '\u0001'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 20,
  })
  .filter((value) => !value.includes('\0'));
const key = text.filter((value) => value !== '__proto__');
const object = <T>(values: fc.Arbitrary<T>) =>
  fc.dictionary(key, values, { maxKeys: 5, noNullPrototype: true });
/** -0 is 0 in JSON. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    object(tie('value')),
  ),
})).value;
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const part = fc.record({ label: nullable(text), count: nullable(fc.integer()) }, { noNullPrototype: true });
const whole = fc.record(
  {
    'the part': nullable(part),
    parts: nullable(fc.array(nullable(part), { maxLength: 3 })),
    labels: nullable(fc.array(nullable(text), { maxLength: 3 })),
    data: json,
  },
  { noNullPrototype: true },
);

it('text comes back as it was', () => comesBack('text', text));

it('arrays of text come back, in one dimension and in two', async () => {
  await comesBack('text[]', fc.array(nullable(text), { maxLength: 6 }));
  const rectangles = fc.integer({ min: 1, max: 3 }).chain((width) =>
    fc.array(fc.array(nullable(text), { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 3,
    }),
  );
  await comesBack('text[]', rectangles);
});

it('json comes back, alone and in arrays', async () => {
  await comesBack('jsonb', json);
  await comesBack('jsonb[]', fc.array(json, { maxLength: 4 }));
});

it('hstore comes back, alone and in arrays', async () => {
  await comesBack('hstore', object(nullable(text)));
  await comesBack('hstore[]', fc.array(object(nullable(text)), { maxLength: 3 }));
});

it('composites come back, alone and in arrays', async () => {
  await comesBack('whole', whole);
  await comesBack('whole[]', fc.array(nullable(whole), { maxLength: 3 }));
});

it('numbers come back', async () => {
  await comesBack('float8', number);
  await comesBack('float8[]', fc.array(number));
  await comesBack('int8', fc.maxSafeInteger());
  await comesBack('numeric', number);
});

it('bytes come back as hex', async () => {
  const hex = (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`;
  await comesBack('bytea', fc.uint8Array(), hex);
  await comesBack('bytea[]', fc.array(fc.uint8Array()), (values) => values.map(hex));
});

it('dates come back from the years that Postgres and JavaScript share', async () => {
  const dates = fc.date({ min: new Date('-004700-01-01'), max: new Date(8.64e15), noInvalidDate: true });
  await fc.assert(
    fc.asyncProperty(dates, async (date) => {
      const [fromText, fromJson] = await roundTrip('timestamptz', date);
      expect(fromJson).toBe(fromText);
      expect(milliseconds(String(fromText))).toBe(date.getTime());
      const [day] = await roundTrip('date', date);
      expect(String(fromText).split('T')[0]).toBe(String(day).replace(' BC', ''));
    }),
    { numRuns: 50 },
  );
});

/** Reads what Postgres prints, years of any length and BC included. */
function milliseconds(iso: string): number {
  const [, year = '', rest = '', era] = /^(\d+)(-.*?)( BC)?$/.exec(iso) ?? [];
  const signed = era === undefined ? Number(year) : 1 - Number(year);
  const padded = `${signed < 0 ? '-' : '+'}${String(Math.abs(signed)).padStart(6, '0')}`;
  return Date.parse((signed === 0 ? '0000' : padded) + rest);
}
