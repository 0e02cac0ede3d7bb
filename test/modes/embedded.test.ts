import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { systemClock } from '../../src/contract/clock.ts';
import { embeddedMode } from '../../src/modes/embedded/embedded.ts';
import { describeMode } from './conformance.ts';
import { NOTES_SQL } from './plans.ts';

describeMode('embedded', async () => {
  const database = await PGlite.create();
  await database.exec(await readFile(new URL('../../supabase/bootstrap.sql', import.meta.url), 'utf8'));
  await database.exec(NOTES_SQL);
  const another = (pool: { maxWaiting?: number } = {}) =>
    embeddedMode({
      database: async () => database,
      searchPath: ['public', 'extensions'],
      maxWaiting: pool.maxWaiting ?? 100,
      maxPrepared: 20,
      clock: systemClock,
      random: () => 0.5,
    });
  const mode = another();
  return {
    mode,
    another,
    async close() {
      await mode.close(1_000);
      await database.close();
    },
  };
});
