import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, service } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const TYPE = (dimensions: number) => `extensions.vector(${dimensions})`;

describeFullStack('a vector column that gets another number of dimensions', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table places (id int primary key, v ${TYPE(2)}); grant all on places to service_role`,
    });
  });
  afterAll(() => database.drop());

  describe.each(['direct', 'session', 'transaction'] as const)('in %s mode', (mode) => {
    it('takes vectors of that size at once, for writes, searches and batches', async () => {
      await database.query(
        `truncate places; alter table places alter v type ${TYPE(2)}; insert into places values (1, '[1,0]')`,
      );
      await using db = createDatabaseService({
        [mode]: database.user[mode],
        service: { [mode]: database.service[mode] },
      });
      const of = db.as(service());
      const found = [{ id: 1, v: expect.anything(), similarity: 1 }];
      expect(await of.vectorSearch('places', { vector: [1, 0] })).toEqual(found);
      const change = (dimensions: number, v: string) =>
        database.query(
          `delete from places; alter table places alter v type ${TYPE(dimensions)}; insert into places values (1, '${v}')`,
        );
      await change(3, '[1,0,0]');
      expect(await of.vectorSearch('places', { vector: [1, 0, 0] })).toEqual(found);
      await change(4, '[1,0,0,0]');
      const search = of.build.vectorSearch('places', { vector: [1, 0, 0, 0] });
      expect(await of.batch([search])).toEqual([found]);
      await change(5, '[1,0,0,0,0]');
      await of.insert('places', { id: 2, v: [0, 1, 0, 0, 0] });
      expect(await of.vectorSearch('places', { vector: [1, 0, 0, 0, 0], limit: 1 })).toEqual(found);
      await expect(of.vectorSearch('places', { vector: [1, 0] })).rejects.toMatchObject({
        name: 'ValidationError',
        code: 'WRONG_DIMENSIONS',
      });
    });
  });
});
