import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertRls, type RlsReport, runRlsMatrix } from '../../src/testing/index.ts';
import { type DisposableAdmin, openEmbeddedAdmin } from '../ops/embedded-admin.ts';
import { disposable, openOwnedDatabase } from '../ops/full-stack-admin.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { FUNCTIONS, seedFunctions, tryFunction } from './project-functions.ts';
import { projectMatrix } from './project-matrix.ts';

function policies(open: () => Promise<DisposableAdmin>): void {
  let database: DisposableAdmin;

  beforeAll(async () => {
    database = await open();
  });

  afterAll(() => database[Symbol.asyncDispose]());

  describe('tables and views', () => {
    let report: RlsReport;

    beforeAll(async () => {
      report = await runRlsMatrix(database, projectMatrix);
    });

    it('are open to whom the matrix says, and to nobody else', ({ annotate }) => {
      assertRls(report);
      expect(report.cells).toHaveLength(projectMatrix.lines.length * projectMatrix.actors.size);
      return annotate(`${report.cells.length} cells`).then(() => undefined);
    });

    it('are as they were before', async () => {
      expect(await database.query('select id from profiles union all select id from auth.users')).toEqual([]);
    });
  });

  describe('functions', () => {
    beforeAll(() => seedFunctions(database));

    it.each(FUNCTIONS.map((line) => [line[0], line] as const))('%s', async (_title, line) => {
      const { found, expected } = await tryFunction(database, line);
      expect(found).toEqual(expected);
    });
  });
}

describe('who may do what, on the embedded database', () => {
  policies(() => openEmbeddedAdmin({ migrated: true }));
});

describeFullStack('who may do what, on a server', () => {
  policies(async () => disposable(await openOwnedDatabase({ migrated: true })));
});
