/** The servers that the operations are done on: of the run's own where they can be started, else those of the stack. */
import type { ModeUrls } from '../../stack/stack-state.ts';
import { createTestDatabase, type FullStack } from '../support/full-stack.ts';
import type { Restart } from './faults.ts';
import { ServerGround } from './ground.ts';
import { journalSql } from './journal-schema.ts';
import { LANE_COUNT } from './lanes.ts';
import { OwnCluster } from './own-cluster.ts';

export interface OutcomeServers {
  readonly ground: ServerGround;
  /** Of the login that may become `authenticated`. */
  readonly urls: ModeUrls;
  /** What cannot be restarted, and why. */
  readonly cannot: ReadonlyMap<Restart, string>;
  /** `strikes` is called at the moment of the kill. */
  restart(which: Restart, strikes: () => void): Promise<void>;
  close(): Promise<void>;
}

export async function startServers(stack: FullStack): Promise<OutcomeServers> {
  return stack.source === 'state file' ? await ownServers() : await serversOfTheStack();
}

async function ownServers(): Promise<OutcomeServers> {
  const cluster = await OwnCluster.start();
  const ground = new ServerGround(cluster.ownerUrl);
  const close = async (): Promise<void> => {
    await ground.close();
    await cluster.stop();
  };
  try {
    await ground.query(journalSql(LANE_COUNT));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ground,
    urls: cluster.user,
    cannot: new Map(),
    restart: (which, strikes) =>
      which.startsWith('Postgres') ? cluster.restartPostgres(strikes) : cluster.restartPoolers(strikes),
    close,
  };
}

async function serversOfTheStack(): Promise<OutcomeServers> {
  const database = await createTestDatabase({ sql: journalSql(LANE_COUNT) });
  const ground = new ServerGround(database.ownerUrl);
  const why = 'the servers are named by the environment, and are not for a test to restart';
  return {
    ground,
    urls: database.user,
    cannot: new Map([
      ['PgBouncer killed and started', why],
      ['Postgres killed and started', why],
    ]),
    restart: () => Promise.reject(new Error(why)),
    close: async () => {
      await ground.close();
      await database.drop();
    },
  };
}
