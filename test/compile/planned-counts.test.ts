import { describe, expect, it } from 'vitest';
import { compileCount } from '../../src/consolidated/compile/count.ts';
import { compileSelect } from '../../src/consolidated/compile/select.ts';
import { fixtureCatalog, fixtureContext } from './fixture-catalog.ts';

const hiding = {
  ...fixtureCatalog,
  relation: (schema: string, name: string) => {
    const relation = fixtureCatalog.relation(schema, name);
    return relation && { ...relation, mayHideRows: true };
  },
};

describe.each(['planned', 'estimated'] as const)('a count that is %s', (method) => {
  const context = (role: string, catalog = hiding) => fixtureContext({ catalog, role });

  it('is refused to a role that policies apply to, before anything is sent', () => {
    for (const compile of [
      () => compileCount(context('authenticated'), 'trips', { method }),
      () => compileSelect(context('authenticated'), 'trips', { count: method }),
    ]) {
      expect(compile).toThrow(
        expect.objectContaining({
          code: 'PLANNED_COUNT_REFUSED',
          statusCode: 500,
          hint: expect.stringContaining('exact'),
        }),
      );
    }
  });

  it('is not refused to a role that bypasses them, or where there are none', () => {
    expect(compileCount(context('service_role'), 'trips', { method }).kind).toBe('count');
    expect(compileCount(context('authenticated', fixtureCatalog), 'trips', { method }).kind).toBe('count');
  });

  it('is refused to a role, whatever was compiled for another before', () => {
    const of = (role: string) => compileCount({ ...context('service_role'), role }, 'trips', { method });
    of('service_role');
    expect(() => of('authenticated')).toThrow(expect.objectContaining({ code: 'PLANNED_COUNT_REFUSED' }));
  });
});

it('a count that is exact is for everybody', () => {
  const context = fixtureContext({ catalog: hiding });
  expect(compileCount(context, 'trips').kind).toBe('count');
  expect(compileSelect(context, 'trips', { count: 'exact' }).kind).toBe('select');
});
