/** What a key costs: nothing, because the service knows the keys of its tables. */
import { expect, it, onTestFinished } from 'vitest';
import { createDatabaseService, createRepository, user } from '../../src/index.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { describeEveryMode, SOCKETS } from '../truth/every-mode.ts';

const SQL = `create table notes (id int primary key, title text);
  create table others (id int primary key);
  grant all on notes, others to authenticated;`;

describeEveryMode('a repository', SQL, (modes) => {
  it.for(SOCKETS)('takes one round trip from its first call on, in %s mode', async (mode) => {
    await modes.query(mode, "truncate notes; insert into notes values (1, 'one'), (2, 'two')");
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
    const mine = db.as(user({ sub: '00000000-0000-4000-8000-000000000001' }));
    const syncsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = proxy.counts.syncs;
      await work();
      return proxy.counts.syncs - before;
    };
    // The catalog is read once, whoever asks.
    await mine.count('others');
    const notes = createRepository(mine, 'notes');
    const calls = [
      () => notes.find(1),
      () => notes.get(1),
      () => notes.list({ limit: 1, count: 'exact' }),
      () => notes.create({ id: 3, title: 'three' }),
      () => notes.update(3, { title: 'THREE' }, { unchanged: { title: 'three' } }),
      () => notes.remove(3),
    ];
    for (const call of calls) expect([call.toString(), await syncsOf(call)]).toEqual([call.toString(), 1]);
    const wrong = createRepository(mine, 'notes', { key: 'title' });
    const refused = expect.objectContaining({ code: 'NOT_A_KEY' });
    expect(await syncsOf(() => expect(wrong.find('one')).rejects.toEqual(refused))).toBe(0);
    expect(await syncsOf(() => expect(notes.find(undefined as never)).rejects.toThrow())).toBe(0);
  });
});
