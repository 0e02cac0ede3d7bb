import { expect, it } from 'vitest';
import { identifier } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import { TOO_LARGE, VALUE_TYPES, VALUES } from './value-cases.ts';

const columns = [...VALUES, ...TOO_LARGE].map(([type, literal], index) => ({
  name: `c${index}`,
  type,
  literal,
}));

const SQL = `${VALUE_TYPES}
  create table samples (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')});
  create table written (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')});
  insert into samples select ${columns.map(({ literal, type }) => `(${literal})::${type}`).join(', ')};
`;

const named = (cases: readonly (readonly [type: string, literal: string, ...rest: unknown[]])[], from = 0) =>
  cases.map(([type, literal], index) => ({
    index,
    column: `c${from + index}`,
    title: `${type}: ${literal.length > 60 ? `${literal.slice(0, 60)}…` : literal}`,
  }));

const isUnsafe = (value: unknown) => Number.isInteger(value) && !Number.isSafeInteger(value);

describeFourModes('values are the same in every mode', SQL, (modes) => {
  it.each(named(VALUES))('$title', async ({ index, column }) => {
    const [, , expected] = VALUES[index]!;
    expect(await modes.alike((db) => db.select('samples', { columns: [column] }))).toStrictEqual([
      { [column]: expected },
    ]);
    expect(
      await modes.alike((db) => db.sql<{ v: unknown }>`select ${identifier(column)} as v from samples`),
    ).toStrictEqual([{ v: expected }]);
    // What was read can be written, and is the same again; whole numbers that may have been rounded, as text.
    const given = isUnsafe(expected) ? String(expected) : expected;
    expect(
      await modes.alike((db) => db.insert('written', { [column]: given }, { returning: [column] })),
    ).toStrictEqual({ [column]: expected });
    expect(
      await modes.alike((db) => db.insert('written', [{ [column]: given }], { returning: [column] })),
    ).toStrictEqual([{ [column]: expected }]);
  });

  it.each(named(VALUES))("$title, with largeNumbers: 'string'", async ({ index, column }) => {
    const [, , expected, asStrings = expected] = VALUES[index]!;
    const strings = { largeNumbers: 'string' } as const;
    expect(await modes.alike((db) => db.select('samples', { columns: [column] }), strings)).toStrictEqual([
      { [column]: asStrings },
    ]);
    expect(
      await modes.alike((db) => db.sql`select ${identifier(column)} as v from samples`, strings),
    ).toStrictEqual([{ v: asStrings }]);
  });

  it.each(named(TOO_LARGE, VALUES.length))('$title is refused, or a string', async ({ index, column }) => {
    const asStrings = TOO_LARGE[index]![2];
    const strings = { largeNumbers: 'string' } as const;
    const refused = await modes.alikeError((db) => db.select('samples', { columns: [column] }));
    expect(refused).toMatchObject({ code: 'NUMBER_TOO_LARGE', field: column, outcome: 'not-applied' });
    const refusedSql = await modes.alikeError((db) => db.sql`select ${identifier(column)} as v from samples`);
    expect(refusedSql).toMatchObject({ code: 'NUMBER_TOO_LARGE', field: 'v' });
    expect(await modes.alike((db) => db.select('samples', { columns: [column] }), strings)).toStrictEqual([
      { [column]: asStrings },
    ]);
    expect(
      await modes.alike((db) => db.sql`select ${identifier(column)} as v from samples`, strings),
    ).toStrictEqual([{ v: asStrings }]);
  });
});
