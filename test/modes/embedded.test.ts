import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { systemClock } from '../../src/contract/clock.ts';
import { embeddedMode } from '../../src/modes/embedded/embedded.ts';
import type { EmbeddedDatabase } from '../../src/modes/embedded/embedded-database.ts';
import { runScript } from '../../src/modes/embedded/run-script.ts';
import { WorkerDatabase } from '../../src/modes/embedded/worker-database.ts';
import { describeMode, type Subject } from './conformance.ts';
import { NOTES_SQL } from './plans.ts';

async function subjectOf(database: EmbeddedDatabase & { close(): Promise<void> }): Promise<Subject> {
  const bootstrap = await readFile(new URL('../../supabase/bootstrap.sql', import.meta.url), 'utf8');
  for (const script of [bootstrap, NOTES_SQL]) {
    const failed = await runScript(database, script);
    if (failed !== undefined) throw failed.error;
  }
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
}

describeMode('embedded', async () => {
  const database = new WorkerDatabase(undefined);
  await database.opened;
  return subjectOf(database);
});

describeMode(
  'embedded',
  async () => ({ ...(await subjectOf(await PGlite.create())), inThisThread: true }),
  ', in this thread',
);
