import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Compiled } from '../../src/consolidated/compile/compiled.ts';
import { compileDelete } from '../../src/consolidated/compile/delete.ts';
import { compileInsert } from '../../src/consolidated/compile/insert.ts';
import { compileRpc } from '../../src/consolidated/compile/rpc.ts';
import { compileSelect, type SelectOptions } from '../../src/consolidated/compile/select.ts';
import { compileUpdate } from '../../src/consolidated/compile/update.ts';
import { compileUpsert } from '../../src/consolidated/compile/upsert.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { compileRaw } from '../../src/consolidated/raw-sql/compile-raw.ts';
import { fragment, identifier } from '../../src/consolidated/raw-sql/fragment.ts';
import { scan } from '../../src/consolidated/raw-sql/scan.ts';
import { compileHybridSearch } from '../../src/consolidated/vectors/hybrid-search.ts';
import { compileVectorSearch } from '../../src/consolidated/vectors/vector-search.ts';
import { isRefusal, refusal } from '../support/refusal.ts';
import { fixtureCatalog, fixtureContext } from './fixture-catalog.ts';

/** `CDB_PROPERTY_RUNS=100000` for the whole; fast-check prints the seed of a failure. */
const numRuns = Number(process.env.CDB_PROPERTY_RUNS ?? 1000);
vi.setConfig({ testTimeout: Math.max(30_000, 10 * numRuns) });
const check = <T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>): void =>
  fc.assert(property, { numRuns });

const context = fixtureContext();
const columns = [...fixtureCatalog.relation('public', 'trips')!.columns.keys()];

/** Text that could do harm in SQL if it ever got there. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    "'; drop table trips; --",
    '"',
    "''",
    '\\',
    '$1',
    '$$',
    '/*',
    '"."',
    "' or 1=1 --",
    'id" = id --',
    '\u0000',
    '\ud800',
    '١',
  ),
  fc.mixedCase(fc.constantFrom('select', 'returning', 'null', 'true')),
);

const values = {
  title: hostile,
  seats: fc.integer({ min: -2147483648, max: 2147483647 }),
  budget: fc.oneof(fc.double(), fc.bigInt()),
  mood: fc.constantFrom('sad', 'ok'),
  open: fc.boolean(),
  meta: fc.dictionary(hostile, fc.jsonValue()),
  'we"ird': hostile,
} as const;
type Name = keyof typeof values;

const comparison = fc.constantFrom(
  'plain',
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'isDistinct',
  'in',
  'not',
  'path',
  'or',
);

/** A shape of filters, with two sets of values for it. */
const shapeWithValues = fc
  .array(fc.tuple(fc.constantFrom(...(Object.keys(values) as Name[])), comparison), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((shape) => {
    const set = fc.tuple(...shape.map(([name]) => values[name] as fc.Arbitrary<unknown>));
    return fc.tuple(
      fc.constant(shape),
      set,
      set,
      fc.array(hostile, { minLength: 1, maxLength: 3 }),
      fc.array(hostile, { minLength: 1, maxLength: 3 }),
    );
  });

function filtersOf(
  shape: readonly (readonly [Name, string])[],
  set: readonly unknown[],
  steps: readonly string[],
) {
  return shape.map(([name, operator], index) => {
    const value = set[index];
    switch (operator) {
      case 'plain':
        return { [name]: value };
      case 'in':
        return { [name]: op.in(steps.map(() => value)) };
      case 'not':
        return { [name]: op.not(op.eq(value)) };
      case 'path':
        return path('meta', steps[0]!, ...steps).where(steps.at(-1)!);
      case 'or':
        return op.or({ [name]: value }, { [name]: op.neq(value) });
      default:
        return { [name]: op[operator as 'eq'](value) };
    }
  });
}

/** Runs, and lets nothing but ValidationError pass. */
function attempt(run: () => Compiled): Compiled | undefined {
  try {
    return run();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

describe('SQL text', () => {
  it('never changes with the values of filters', () => {
    check(
      fc.property(shapeWithValues, ([shape, first, second, steps, others]) => {
        const one = attempt(() =>
          compileSelect(context, 'trips', { filters: filtersOf(shape, first, steps) }),
        );
        const two = attempt(() =>
          compileSelect(context, 'trips', { filters: filtersOf(shape, second, others) }),
        );
        if (one === undefined || two === undefined) return;
        expect(two.statement.plan).toBe(one.statement.plan);
        // Made anew, it is what was kept.
        const fresh = compileSelect(fixtureContext(), 'trips', { filters: filtersOf(shape, second, others) });
        expect(fresh.statement).toEqual(two.statement);
        const parameters = new Set(one.statement.plan.text.match(/\$\d+/g));
        expect(parameters.size).toBe(one.statement.values.length);
      }),
    );
  });

  it('never changes with written values or with their number', () => {
    const row = fc.record({
      title: hostile,
      seats: values.seats,
      budget: values.budget,
      mood: values.mood,
      meta: values.meta,
    });
    check(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 5 }),
        fc.array(row, { minLength: 1, maxLength: 5 }),
        (first, second) => {
          const writes: ((rows: typeof first) => Compiled)[] = [
            (rows) => compileInsert(context, 'trips', rows),
            (rows) => compileInsert(context, 'trips', rows[0]),
            (rows) =>
              compileUpsert(context, 'trips', rows, { onConflict: ['title', 'seats'], expect: rows.length }),
            (rows) => compileUpdate(context, 'trips', rows[0], { filters: { title: rows[0]!.title } }),
            (rows) =>
              compileDelete(context, 'trips', { filters: { title: op.in(rows.map(({ title }) => title)) } }),
          ];
          for (const write of writes) {
            const one = attempt(() => write(first));
            const two = attempt(() => write(second));
            if (one !== undefined && two !== undefined) expect(two.statement.plan).toBe(one.statement.plan);
          }
        },
      ),
    );
  });

  it('never changes with where a page starts, how long it is or what is searched for', () => {
    check(
      fc.property(
        hostile,
        fc.uuid(),
        fc.nat(),
        fc.nat(),
        fc.array(fc.float({ noNaN: true }), { minLength: 3, maxLength: 3 }),
        (title, id, limit, offset, vector) => {
          const page = attempt(() =>
            compileSelect(context, 'trips', {
              orderBy: [{ column: 'title', direction: 'desc' }, 'id'],
              after: { title, id },
              limit,
              offset,
              columns: ['id'],
            }),
          );
          if (page !== undefined) {
            expect(page.statement.plan.text).toBe(
              'select t."id" from "public"."trips" as t where t."title" <= $1::text and ((t."title" < $1::text) or (t."title" = $1::text and t."id" > $2::uuid)) order by t."title" desc, t."id" limit $3::int8 offset $4::int8',
            );
          }
          const search = attempt(() =>
            compileVectorSearch(context, 'trips', {
              vector,
              limit: limit + 1,
              filters: { title },
              columns: ['id'],
            }),
          );
          if (search !== undefined) expect(search.statement.plan.text).not.toMatch(/\[|Infinity/);
          const near = (value: string, filter: string) =>
            attempt(() =>
              compileVectorSearch(context, 'trips', {
                near: { title: value, seats: limit },
                filters: { title: filter },
                similarityThreshold: 1 / (offset + 1),
                limit: limit + 1,
                columns: ['id'],
              }),
            );
          const nearOne = near(title, title);
          const nearOther = near('plain', 'plain');
          if (nearOne !== undefined && nearOther !== undefined) {
            expect(nearOne.statement.plan).toBe(nearOther.statement.plan);
            const bound = new Set(nearOne.statement.plan.text.match(/\$\d+/g));
            expect(bound.size).toBe(nearOne.statement.values.length);
          }
          const hybrid = (text: string, weight: number, filter: string) =>
            attempt(() =>
              compileHybridSearch(context, 'trips', {
                text,
                vector,
                limit: limit + 1,
                weights: { text: weight },
                similarityThreshold: weight,
                filters: { title: filter },
                columns: ['id'],
              }),
            );
          const one = hybrid(title, 0.5, title);
          const other = hybrid('plain', 0, 'plain');
          if (one === undefined || other === undefined) return;
          expect(one.statement.plan).toBe(other.statement.plan);
          const parameters = new Set(one.statement.plan.text.match(/\$\d+/g));
          expect(parameters.size).toBe(one.statement.values.length);
        },
      ),
    );
  });
});

describe('names', () => {
  it('that the catalog does not hold are refused wherever they stand', () => {
    check(
      fc.property(hostile, (name) => {
        fc.pre(!columns.includes(name) && fixtureCatalog.relation('public', name) === undefined);
        const attempts: (() => Compiled)[] = [
          () => compileSelect(context, name),
          () => compileSelect(fixtureContext({ schema: name }), 'trips'),
          () => compileSelect(context, 'trips', { columns: [name] }),
          () => compileSelect(context, 'trips', { columns: [path(name, 'x')] }),
          () => compileSelect(context, 'trips', { filters: Object.fromEntries([[name, 1]]) }),
          () => compileSelect(context, 'trips', { orderBy: name }),
          () => compileSelect(context, 'trips', { orderBy: { column: name } }),
          () => compileSelect(context, 'trips', { orderBy: { column: 'id', direction: name } }),
          () =>
            compileSelect(context, 'trips', {
              orderBy: 'id',
              after: Object.fromEntries([
                ['id', null],
                [name, 1],
              ]),
            }),
          () => compileSelect(context, 'trips', { count: name } as SelectOptions),
          () => compileInsert(context, 'trips', Object.fromEntries([[name, 1]])),
          () => compileInsert(context, 'trips', [{ title: 'x' }, Object.fromEntries([[name, 1]])]),
          () => compileInsert(context, 'trips', { title: 'x' }, { returning: [name] }),
          () => compileUpdate(context, 'trips', Object.fromEntries([[name, 1]]), { all: true }),
          () => compileUpsert(context, 'trips', { id: null }, { onConflict: name }),
          () => compileUpsert(context, 'trips', { id: null }, { update: [name] }),
          () => compileVectorSearch(context, 'trips', { vector: [1, 2, 3], column: name }),
          () => compileVectorSearch(context, 'trips', { vector: [1, 2, 3], metric: name } as never),
          () => compileVectorSearch(context, 'trips', { vector: [1, 2, 3], recall: name } as never),
          () => compileVectorSearch(context, 'trips', { vector: [1, 2, 3], info: name } as never),
          () => compileVectorSearch(context, 'trips', { near: Object.fromEntries([[name, 1]]) }),
          () =>
            compileVectorSearch(context, 'trips', {
              near: Object.fromEntries([
                ['id', '5f0c6f5e-0f3c-4b6c-9d3b-0d6f7a3c1e11'],
                [name, 1],
              ]),
            }),
          () => compileHybridSearch(context, name, { text: 'x', vector: [1, 2, 3] }),
          () => compileHybridSearch(context, 'trips', { text: 'x', vector: [1, 2, 3], column: name }),
          () => compileHybridSearch(context, 'trips', { text: 'x', vector: [1, 2, 3], textColumn: name }),
          () =>
            compileHybridSearch(context, 'trips', {
              text: 'x',
              vector: [1, 2, 3],
              textColumns: ['title', name],
            }),
          () => compileHybridSearch(context, 'trips', { text: 'x', vector: [1, 2, 3], language: name }),
          () =>
            compileHybridSearch(context, 'trips', {
              text: 'x',
              vector: [1, 2, 3],
              weights: Object.fromEntries([[name, 1]]),
            }),
          () => compileRpc(context, name, {}),
          () => compileSelect(context, 'trips', { columns: [path('meta', 'x').as(name as 'text')] }),
        ];
        for (const run of attempts) expect(attempt(run), run.toString()).toBeUndefined();
      }),
    );
  });
});

/** JSON as a request could hold it, some of it shaped like our own objects. */
const json = fc
  .oneof(
    fc.jsonValue(),
    fc
      .constantFrom(
        '{"kind":"value","name":"neq","value":1}',
        '{"#node":{"kind":"is","value":null}}',
        '{"__proto__":{"kind":"not"}}',
        '{"constructor":{"prototype":{}},"kind":"or","parts":[]}',
        '{"or":[{"id":1}],"and":[]}',
        '{"gt":1}',
        '{"neq":null}',
        '{"title":{"op":"in","values":["a"]}}',
      )
      .map((text) => JSON.parse(text) as unknown),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...columns, '__proto__', 'constructor', 'toString', 'kind', 'value'), hostile),
      fc.jsonValue(),
    ),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);

const EQUALITIES = /^(?:t\."(?:[^"]|"")+" (?:= \$\d+::[a-z0-9 "._[\]]+|is null)(?: and |$))*$/;

function whereOf(compiled: Compiled): string {
  return compiled.statement.plan.text
    .replace(/^select t\."id" from "public"\."trips" as t(?: where )?/, '')
    .replace(/ limit \$\d+::int8$/, '');
}

describe('JSON', () => {
  it('is never an operator, as a value', () => {
    check(
      fc.property(json, fc.constantFrom(...columns), (value, column) => {
        const compiled = attempt(() =>
          compileSelect(context, 'trips', {
            columns: ['id'],
            filters: Object.fromEntries([[column, value]]),
          }),
        );
        if (compiled !== undefined) expect(whereOf(compiled)).toMatch(EQUALITIES);
        const inPath = attempt(() =>
          compileSelect(context, 'trips', {
            columns: ['id'],
            filters: path('meta', 'x').where(value as string),
          }),
        );
        if (inPath !== undefined)
          expect(whereOf(inPath)).toMatch(/^\(t\."meta" #>> \$1::text\[\]\) (?:= \$2::text|is null)$/);
      }),
    );
  });

  it('is never more than equalities, as filters', () => {
    check(
      fc.property(json, (filters) => {
        const compiled = attempt(() => compileSelect(context, 'trips', { columns: ['id'], filters }));
        if (compiled !== undefined) expect(whereOf(compiled)).toMatch(EQUALITIES);
      }),
    );
  });

  it('is never a path, a column or an order of its own', () => {
    check(
      fc.property(json, (value) => {
        const ordered = attempt(() => compileSelect(context, 'trips', { columns: ['id'], orderBy: value }));
        if (ordered !== undefined)
          expect(whereOf(ordered)).toMatch(
            /^(?: order by t\."(?:[^"]|"")+"[a-z ]*(?:, t\."(?:[^"]|"")+"[a-z ]*)*)?$/,
          );
        const chosen = attempt(() => compileSelect(context, 'trips', { columns: value as string[] }));
        if (chosen !== undefined)
          expect(chosen.statement.plan.text).toMatch(/^select (?:t\."(?:[^"]|"")+"(?:, | ))+from/);
      }),
    );
  });

  it('is never more than one row that a search is near to', () => {
    const rest =
      /^origin\(vector\) as materialized \(select t\."embedding" from "public"\."trips" as t where (.*?)\), /s;
    check(
      fc.property(json, json, (near, value) => {
        for (const given of [near, { id: value }, { title: value, seats: 1 }]) {
          const compiled = attempt(() =>
            compileVectorSearch(context, 'trips', { near: given as never, columns: ['id'] }),
          );
          if (compiled === undefined) continue;
          const [, condition = ''] = rest.exec(compiled.statement.plan.text.replace(/^with /, '')) ?? [];
          // A row of zeros has no direction. The comparison is ours.
          const equalities = condition.replace(
            / and t\."embedding" operator\("extensions"\.<=>\) t\."embedding" <> 'NaN'::float8$/,
            '',
          );
          expect(equalities).toMatch(EQUALITIES);
        }
      }),
    );
  });

  it('is a value of jsonb as it stands', () => {
    check(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (meta) => {
        const compiled = attempt(() =>
          compileSelect(context, 'trips', { columns: ['id'], filters: { meta } }),
        );
        if (compiled === undefined) return;
        expect(JSON.parse(compiled.statement.values[0]!)).toEqual(JSON.parse(JSON.stringify(meta)));
      }),
    );
  });
});

describe("a caller's template", () => {
  it('binds every value and quotes every name', () => {
    check(
      fc.property(hostile, hostile, (value, name) => {
        let statement: ReturnType<typeof compileRaw>;
        try {
          statement = compileRaw(fragment`select ${value} as ${identifier(name)}, ${[value]} as b`);
        } catch (error) {
          expect(error).toEqual(refusal);
          return;
        }
        expect(statement.values[0]).toBe(value);
        const { tokens } = scan(statement.plan.text);
        expect(tokens.map(({ kind }) => kind)).toEqual([
          'word',
          'parameter',
          'word',
          'name',
          'comma',
          'parameter',
          'word',
          'word',
        ]);
        expect(tokens[3]?.text.slice(1, -1).replaceAll('""', '"')).toBe(name);
      }),
    );
  });
});
