/** A pooler in transaction mode that gives replies to others, twice, in part or never, and loses clients. */
import { setTimeout as pause } from 'node:timers/promises';
import { readConnectionUrl } from '../../support/network/connection-url.ts';
import { HostilePooler } from '../../support/network/hostile-pooler.ts';
import { type FaultChances, NO_FAULTS } from '../../support/network/pooler-faults.ts';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';

/** More than a bad day has, so that a round of a second has some of each. */
const CHANCES: FaultChances = {
  swapReplies: 0.05,
  swapMidReply: 0.03,
  duplicateReply: 0.03,
  strayReply: 0.03,
  swallowReply: 0.003,
  cutReply: 0.003,
  killBeforeCheckout: 0.01,
  killAfterSync: 0.01,
  killIdle: 0.01,
  cancelHitsFormer: 0.5,
};
const ROUND_MS = 800;
const SERVER_CONNECTIONS = 8;

export const MIXED_UP_REPLIES: Fault = {
  name: 'pooler mixes up replies',
  play: async (stage) => {
    const { user, service } = stage.servers;
    const { address, login } = readConnectionUrl(user.direct);
    const { login: other } = readConnectionUrl(service.direct);
    const pooler = new HostilePooler({
      upstream: address,
      logins: { [login.user]: login.password, [other.user]: other.password },
      serverConnections: SERVER_CONNECTIONS,
      cancelDelayMs: 5,
      seed: stage.random.below(2 ** 31),
    });
    stage.cleanUps.push(() => pooler.stop());
    const upstreams = { transaction: await pooler.start() };
    await beneathLoad({
      front: { upstreams },
      strike: async ({ notes }) => {
        const before = faultsOf(pooler);
        pooler.setFaults(CHANCES);
        await pause(ROUND_MS);
        pooler.setFaults({});
        notes.struck += faultsOf(pooler) - before;
      },
    })(stage);
    const { foreignDeliveries } = pooler.counts;
    stage.notes.figures.push(`${foreignDeliveries} pieces of replies went to somebody else`);
    stage.notes.expect(foreignDeliveries > 0, 'no reply went to somebody else');
  },
};

function faultsOf({ counts }: HostilePooler): number {
  const names = Object.keys(NO_FAULTS) as (keyof FaultChances)[];
  return names.reduce((sum, name) => sum + counts[name], 0);
}
