import type { SocketModeOptions } from '../../src/modes/socket/socket-mode.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { describeMode } from './conformance.ts';
import { modeOver } from './open-mode.ts';
import { NOTES_SQL } from './plans.ts';

for (const name of ['direct', 'session', 'transaction'] as const) {
  describeFullStack(`over the full stack`, () => {
    describeMode(name, async () => {
      const database = await createTestDatabase({ sql: NOTES_SQL });
      const another = (pool?: Partial<SocketModeOptions['pool']>) =>
        modeOver(name, database.user[name], pool);
      const mode = another();
      return {
        mode,
        another,
        async close() {
          await mode.close(1_000);
          await database.drop();
        },
      };
    });
  });
}
