/** A pooler that lends nothing for a while: `PAUSE` on its console. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { clusterOf } from './own-servers.ts';

const PAUSE_MS = 3_000;

export const PAUSED_POOLER: Fault = {
  name: 'PgBouncer paused for 3 s',
  needsOwnServers: true,
  play: beneathLoad({
    load: { timeoutMs: [500, 4_000] },
    strike: async ({ front, notes, servers }) => {
      const console = new pg.Client({ connectionString: clusterOf(servers).consoles.transaction });
      console.on('error', () => {});
      await console.connect();
      try {
        notes.struck += front.busy(['transaction']);
        const before = front.sent(['transaction']);
        await console.query('pause');
        await delay(PAUSE_MS);
        notes.struck += front.sent(['transaction']) - before;
        await console.query('resume');
      } finally {
        await console.end();
      }
    },
  }),
};
