/** The server is lost, and its address leads to a standby, which refuses writes until it is promoted. */
import { setTimeout as pause } from 'node:timers/promises';
import { withSession } from '../../../stack/sql-session.ts';
import { JournalOwner } from '../../support/journal/journal-owner.ts';
import { FaultyProxy } from '../../support/network/faulty-proxy.ts';
import type { Fault } from '../fault.ts';
import { type FaultServers, ownFaultServers } from '../fault-servers.ts';
import { SeededNumbers } from '../seeded-numbers.ts';

const READ_ONLY_MS = 700;
const RECOVERY_LIMIT_MS = 5_000;
const PATIENCE_MS = 30_000;

export const FAILOVER: Fault = {
  name: 'address leads to a read-only standby, then promoted',
  needsOwnServers: true,
  play: async (stage) => {
    const { notes, operations } = stage;
    notes.recoveryLimitMs = RECOVERY_LIMIT_MS;
    // Poolers and users reach Postgres through it.
    let way: FaultyProxy | undefined;
    const first = await ownFaultServers({
      reachedBy: async (port) => {
        way = new FaultyProxy({ upstream: { host: '127.0.0.1', port } });
        return (await way.start()).port;
      },
    });
    const close = async () => {
      await first.close();
      await way?.stop();
    };
    stage.cleanUps.push(close);
    const standby = await first.cluster.startStandby();
    const second = new JournalOwner(standby.ownerUrl);
    stage.cleanUps.push(() => second.close());

    let owner = first.owner;
    const numbers = new SeededNumbers({ query: (text, values) => owner.query(text, values) });
    const servers: FaultServers = {
      ...first,
      numbers,
      get owner() {
        return owner;
      },
    };
    await numbers.seedAhead();
    const front = await stage.openFront({}, servers);
    const load = stage.makeLoad(front);
    const until = async (wanted: number): Promise<void> => {
      const givenUpAt = performance.now() + PATIENCE_MS;
      while (load.ended.length < wanted && performance.now() < givenUpAt) {
        await numbers.seedAhead();
        await pause(20);
      }
    };
    load.start();
    try {
      await until(operations / 2);
      notes.struck += front.busy();
      await first.cluster.endPostgres('SIGQUIT');
      way?.lead({ host: '127.0.0.1', port: standby.port });
      way?.resetAll();
      owner = second;
      const leadAt = performance.now();
      const met = () => load.ended.filter(({ beganAt }) => beganAt > leadAt);
      const refusedOf = () => met().filter(({ words }) => words.includes('25006')).length;
      const readOf = () =>
        met().filter(({ claim, told }) => claim.whole.length === 0 && told === 'fulfilled').length;
      await pause(READ_ONLY_MS);
      // Those that found nobody have to find out first that there is somebody again.
      while ((refusedOf() === 0 || readOf() === 0) && performance.now() < leadAt + RECOVERY_LIMIT_MS)
        await pause(20);
      notes.struck += met().filter(({ told }) => told !== 'fulfilled').length;
      const refused = refusedOf();
      const read = readOf();
      notes.figures.push(`${refused} writes refused and ${read} reads answered by the standby`);
      notes.expect(refused > 0 && read > 0, 'the standby refused no write, or answered no read');
      await withSession(standby.superuserUrl, ({ query }) => query('select pg_promote(true)'));
      const since = performance.now();
      notes.recovered(await load.recovered(since, RECOVERY_LIMIT_MS + PATIENCE_MS / 10));
      await until(operations);
    } finally {
      await load.stop();
    }
  },
};
