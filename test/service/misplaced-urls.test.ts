import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
  type ModeName,
  service,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const MODES = ['direct', 'session', 'transaction'] as const;

describeFullStack('a URL that is given for another mode than it reaches', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: 'create table notes (id int); grant select on notes to anon',
    });
  });
  afterAll(() => database.drop());

  const withService = async (
    options: DatabaseServiceOptions,
    use: (db: ConsolidatedDatabaseService) => Promise<void>,
  ) => {
    await using db = createDatabaseService({ onWarning: () => {}, ...options });
    await use(db);
  };

  const cases = MODES.flatMap((given) =>
    MODES.filter((reached) => reached !== given).map((reached) => [reached, given] as const),
  );

  it.each(cases)('is an error that names the right option: %s given as %s', async (reached, given) => {
    await withService({ [given]: database.user[reached] }, async (db) => {
      const calls: (() => Promise<unknown>)[] = [
        () => db.as(anonymous()).select('notes'),
        () => db.as(anonymous()).sql`select 1`,
        // The answer is the same for those that come later.
        () => db.as(anonymous()).count('notes'),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({
          code: 'MISPLACED_URL',
          message: expect.stringContaining(`The URL of the option '${given}' leads to`),
          hint: expect.stringContaining(`Set this URL as '${reached}'.`),
          outcome: 'not-applied',
        });
      }
    });
  });

  it('is told by its full name where it belongs to the login of the service', async () => {
    const wrong = { ...database.user, service: { direct: database.service.session } };
    await withService(wrong, async (db) => {
      expect(await db.as(anonymous()).select('notes')).toEqual([]);
      await expect(db.as(service()).select('notes')).rejects.toMatchObject({
        message: expect.stringContaining("'service.direct'"),
      });
    });
  });

  it('is an error for a pool of one connection too, as far as that one can tell', async () => {
    await withService({ direct: database.user.session, pools: { direct: { max: 1 } } }, async (db) => {
      await expect(db.as(anonymous()).select('notes')).rejects.toMatchObject({
        code: 'MISPLACED_URL',
        hint: "Set this URL as 'session' or 'transaction'.",
      });
    });
  });

  it.each(MODES)('is none where it is right: %s', async (mode: ModeName) => {
    const url = database.user[mode as (typeof MODES)[number]];
    for (const max of [1, 4]) {
      await withService({ [mode]: url, pools: { [mode]: { max } } }, async (db) => {
        expect(await db.as(anonymous()).select('notes')).toEqual([]);
      });
    }
  });
});
