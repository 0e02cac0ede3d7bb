import { describe, expect, it } from 'vitest';
import { emptyCatalog } from '../../../test/support/empty-catalog.ts';
import type { Field } from '../../contract/mode.ts';
import type { TypeRow } from '../catalog/introspection.ts';
import { codecFor } from '../values/codec-for.ts';
import { DescribedColumns } from './described-columns.ts';

const OPTIONS = { largeNumbers: 'throw' } as const;
const type = (oid: number, name: string): TypeRow => [
  oid,
  'pg_catalog',
  name,
  name,
  'b',
  0,
  ',',
  null,
  0,
  false,
];
const place: TypeRow = [900, 'public', 'place', null, 'c', 0, ',', null, 901, false];
const catalogOf = (...attributes: (readonly [name: string, type: number])[]) =>
  emptyCatalog(1, {
    types: [type(16, 'bool'), type(20, 'int8'), type(23, 'int4'), place],
    composites: [[900, attributes]],
  });
const catalog = catalogOf(['n', 23], ['m', 23]);
const column = (name: string, oid: number) => ({
  name,
  codec: codecFor(catalog.type(oid)!, OPTIONS),
  type: oid,
});
const fields = (...types: number[]): Field[] => types.map((oid) => ({ name: '?', type: oid }));

describe('the columns of an answer', () => {
  const columns = new DescribedColumns([column('n', 23), column('yes', 16)], 1);

  it('fit a reply of the same types, behind the columns of ours', () => {
    const described = fields(20, 23, 16);
    expect([columns.fit(described), columns.fit(described), columns.fit(fields(25, 23, 16))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('do not fit other types, another order or another number', () => {
    for (const types of [[20, 20, 16], [20, 16, 23], [20, 23], [20, 23, 16, 16], []]) {
      expect(columns.fit(fields(...types)), String(types)).toBe(false);
    }
  });

  it('are read by what the reply says of them', () => {
    expect(columns.decoder(fields(20, 16, 20), catalog, OPTIONS).fromRow(['t', '7'])).toEqual({
      n: true,
      yes: 7,
    });
  });

  it('are read by no guess: a type that the catalog lacks is refused', () => {
    expect(() => columns.decoder(fields(20, 99_999, 16), catalog, OPTIONS)).toThrow(
      expect.objectContaining({ code: 'COLUMNS_CHANGED', field: 'n' }),
    );
  });

  describe('that hold composites', () => {
    const composite = catalog.type(900)!;
    const held = new DescribedColumns([{ ...column('at', 900), composite }], 0);
    const reply = (...attributes: (readonly [name: string, type: number])[]): Field[] =>
      [['at', 900] as const, ['cdb', 900] as const, ...attributes].map(([name, oid]) => ({
        name,
        type: oid,
      }));

    it('fit the attributes that they were compiled for, in their order', () => {
      expect(held.tail).toBe(3);
      expect(held.fit(reply(['n', 23], ['m', 23]))).toBe(true);
      for (const other of [
        [
          ['m', 23],
          ['n', 23],
        ],
        [
          ['n', 20],
          ['m', 23],
        ],
        [['n', 23]],
        [],
      ] as const) {
        expect(held.fit(reply(...other)), String(other)).toBe(false);
      }
      expect(held.fit(reply(['n', 23], ['m', 23], ['k', 16]))).toBe(false);
    });

    it('are read by a catalog that has the attributes of the reply, and by no other', () => {
      const described = reply(['m', 23], ['n', 20]);
      expect(held.needNewer(described, catalog)).toBe(true);
      const row = ['(1,2)', null, null, null];
      const newer = catalogOf(['m', 23], ['n', 20]);
      expect(held.decoder(described, newer, OPTIONS).fromRow(row)).toEqual({ at: { m: 1, n: 2 } });
      expect(() => held.decoder(described, catalog, OPTIONS)).toThrow(
        expect.objectContaining({ code: 'COLUMNS_CHANGED' }),
      );
    });

    it('need a newer catalog where they held none before', () => {
      expect(columns.needNewer(fields(20, 900, 16), catalog)).toBe(true);
      expect(columns.needNewer(fields(20, 20, 16), catalog)).toBe(false);
    });
  });

  it('of a type that stands for any other are read as they were compiled', () => {
    const any = new DescribedColumns([{ ...column('n', 23), type: undefined }], 0);
    expect(any.fit(fields(25))).toBe(true);
    expect(any.decoder(fields(25), catalog, OPTIONS).fromRow(['7'])).toEqual({ n: 7 });
  });
});
