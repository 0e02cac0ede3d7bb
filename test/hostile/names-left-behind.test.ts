import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANNA, NOTES_SQL, statement, textRows, userActor } from '../modes/plans.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { HostilePooler } from '../support/network/hostile-pooler.ts';
import { openMode } from './open-mode.ts';

const ownNotes = statement('select body from public.notes order by id', { columns: 1 });

describeFullStack('a server connection that is not reset between two clients', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
  });
  afterAll(() => database.drop());

  it.each(['session', 'direct'] as const)(
    'holds the named statements of the one before, and %s mode gets over it',
    async (name) => {
      const { address, login } = readConnectionUrl(database.user.direct);
      const pooler = new HostilePooler({
        upstream: address,
        logins: { [login.user]: login.password },
        serverConnections: 1,
      });
      const url = throughAddress(database.user.direct, await pooler.start());
      for (const _ of ['the one before', 'the next one']) {
        const mode = openMode(name, url);
        for (let i = 0; i < 2; i++) {
          const [reply] = await mode.run(
            { actor: userActor(ANNA), access: 'read', statements: [ownNotes], statementTimeoutMs: 0 },
            { deadline: performance.now() + 2_000, signal: undefined, maxRows: 10, maxBytes: 10_000 },
          );
          expect(textRows(reply)).toEqual([['anna 1'], ['anna 2']]);
        }
        await mode.close(1_000);
      }
      expect(pooler.serverConnections).toBe(1);
      await pooler.stop();
    },
  );
});
