import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { describeFullStack } from '../support/full-stack.ts';
import { openOwnedDatabase } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';
import { scratchFolder } from './scratch-folder.ts';

const ANA = '6a1f6c3e-0000-4000-8000-000000000001';
const SQL = `
create table notes (id int primary key, owner uuid);
alter table notes enable row level security;
create policy mine on notes for select to authenticated using (owner = (select auth.uid()));
revoke all on notes from anon;`;

const source = (path: string): string => pathToFileURL(resolve(path)).href;

/** As a project writes it, but for where the package is. */
const matrix = (seen: number): string => `
import { user } from '${source('src/index.ts')}';
import { rlsMatrix } from '${source('src/testing/index.ts')}';

export default rlsMatrix({
  users: { ana: user({ sub: '${ANA}' }) },
  tables: { notes: { insert: { id: 9 }, update: { owner: '${ANA}' } } },
  seed: async (admin) => {
    await admin.query("insert into notes values (1, '${ANA}'), (2, null)");
  },
  expected: \`
          |        | anonymous | ana         | service | table owner
    notes | select | no grant  | ${seen}           | 2       | 2
          | insert | no grant  | row refused | 1       | 1
          | update | no grant  | 0           | 2       | 2
          | delete | no grant  | 0           | 2       | 2
  \`,
});
`;

describeFullStack('cdb policies test', () => {
  it('tries each cell of the matrix, tells what differs, and leaves nothing behind', async () => {
    await using owned = await openOwnedDatabase({ sql: SQL });
    const folder = await scratchFolder({ 'good.ts': matrix(1), 'bad.ts': matrix(2) });
    const test = (...args: readonly string[]) =>
      runCdb(['policies', 'test', ...args], { CDB_ADMIN_URL: owned.database.adminUrl });
    expect(await test(join(folder, 'good.ts'))).toMatchObject({
      code: 0,
      stdout: 'Row level security: 16 cells, 0 of them differ (expected ≠ found).\n',
    });
    const bad = await test(join(folder, 'bad.ts'));
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('2 ≠ 1') });
    const told = JSON.parse((await test(join(folder, 'bad.ts'), '--json')).stdout);
    expect(told).toMatchObject({
      passed: false,
      cells: 16,
      differences: [{ table: 'notes', command: 'select', identity: 'ana', expected: '2', found: '1' }],
      problems: [],
    });
    expect(await owned.owner.query('select from notes')).toEqual([]);
  });

  it.each([
    ['a file that is not there', {}, 'There is no file'],
    ['a file without a matrix', { 'm.ts': 'export default { lines: [] };' }, 'is no matrix'],
    ['a file that exports nothing', { 'm.ts': 'export const a = 1;' }, 'is no matrix'],
  ])('exits 2 on %s', async (_what, files, message) => {
    const folder = await scratchFolder(files);
    expect(await runCdb(['policies', 'test', join(folder, 'm.ts')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
