/** Whole servers are killed or shut down beneath what is under way, and started again. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Blow, beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import type { WayName } from '../front.ts';
import { clusterOf } from './own-servers.ts';

const POOLED: readonly WayName[] = ['session', 'transaction'];
/** Writes keep the server busy for so long, so that a kill meets them. */
const LOAD = { busyMs: 8 };

function postgresEnds(name: string, signal: 'SIGKILL' | 'SIGINT' | 'SIGQUIT'): Fault {
  return {
    name,
    needsOwnServers: true,
    play: beneathLoad({
      load: LOAD,
      strike: async (blow) => {
        const cluster = clusterOf(blow.servers);
        await cluster.restartPostgres(() => struckBy(blow), signal);
        await cluster.untilAllAnswer();
      },
    }),
  };
}

function struckBy({ front, notes }: Blow): void {
  notes.struck += front.busy();
}

export const KILLED_SERVERS: readonly Fault[] = [
  postgresEnds('Postgres killed with -9', 'SIGKILL'),
  postgresEnds('Postgres shut down fast', 'SIGINT'),
  postgresEnds('Postgres shut down immediately', 'SIGQUIT'),
  {
    name: 'a backend killed with -9',
    needsOwnServers: true,
    play: beneathLoad({
      load: LOAD,
      strike: async (blow) => {
        const [victim] = await blow.servers.owner.query<{ pid: number }>(
          `select pid from pg_stat_activity
            where datname = current_database() and usename = 'cdb_user' order by state = 'active' desc, random() limit 1`,
        );
        if (victim === undefined) return;
        struckBy(blow);
        // The server ends all others too, for its memory may be damaged.
        process.kill(victim.pid, 'SIGKILL');
        await pause(20);
        await clusterOf(blow.servers).untilAllAnswer();
      },
    }),
  },
  {
    name: 'PgBouncer killed with -9',
    needsOwnServers: true,
    play: beneathLoad({
      load: LOAD,
      strike: async ({ front, notes, servers }) => {
        await clusterOf(servers).restartPoolers(() => {
          notes.struck += front.busy(POOLED);
        });
      },
    }),
  },
];
