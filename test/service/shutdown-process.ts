/** A process with eight writes under way that ends by `shutdown`, in the way that its argument names. */
import { getDatabaseService, shutdown, user } from '../../src/index.ts';

const how = process.argv[2] ?? 'well';
const db = getDatabaseService();
const me = db.as(user({ sub: '00000000-0000-4000-8000-000000000001' }));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const before: Readonly<Record<string, () => unknown>> = {
  badly: () => {
    throw new Error('no server');
  },
  stuck: () => {
    say('before');
    return new Promise(() => undefined);
  },
};

// The connections are open before the writes begin.
await Promise.all(Array.from({ length: 8 }, () => me.sql`select pg_sleep(0.05)`));
const from = how === 'well' ? 0 : 100 * how.length;
const writes = Array.from({ length: 8 }, (_, id) => me.rpc('slowly', { id: from + id }));
const settled = Promise.allSettled(writes);

shutdown(db, {
  drainMs: how === 'short' ? 50 : 10_000,
  before: before[how] ?? (() => say('before')),
});
if (how === 'others') {
  process.once('SIGTERM', () => {
    say('told');
    void settled.then(() => {
      say('another listener ends it');
      process.exitCode = 7;
    });
  });
}
say('under way');

const results = await settled;
say(`answered ${results.filter(({ status }) => status === 'fulfilled').length}`);
await me.select('notes').catch((error: { code: string }) => say(`then ${error.code}`));
