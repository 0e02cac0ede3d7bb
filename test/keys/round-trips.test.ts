/** What a key costs: nothing but a statement on the first try, one more round trip for a repeat. */
import { expect, it, onTestFinished } from 'vitest';
import { createDatabaseService } from '../../src/index.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { describeEveryMode, SOCKETS } from '../truth/every-mode.ts';
import { alice, KEYED_JOURNAL } from './journal.ts';

describeEveryMode('a write with a key', KEYED_JOURNAL, (modes) => {
  it.for(SOCKETS)('takes one round trip, its repeat two, in %s mode', async (mode) => {
    await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
    const url = modes.stack.user[mode];
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(url).address });
    const db = createDatabaseService({
      [mode]: throughAddress(url, await proxy.start()),
      pools: { [mode]: { max: 1 } },
    });
    onTestFinished(async () => {
      await db.close();
      await proxy.stop();
    });
    const mine = db.as(alice);
    const syncsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = proxy.counts.syncs;
      await work();
      return proxy.counts.syncs - before;
    };
    await mine.count('journal');
    const write = () => mine.insert('journal', { note: 'x' }, { idempotencyKey: 'k' });
    expect(await syncsOf(write)).toBe(1);
    expect(await syncsOf(write)).toBe(2);
    expect(proxy.counts.maxSyncsOutstanding).toBe(1);
    expect(proxy.counts.bareSyncs).toBe(0);
    const both = () =>
      mine.batch([mine.build.insert('journal', { note: 'a' }), mine.build.count('journal')], {
        idempotencyKey: 'batch',
      });
    expect(await syncsOf(both)).toBe(1);
    expect(await syncsOf(both)).toBe(2);
  });
});
