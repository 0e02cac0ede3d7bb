/** The servers that the operations are done on: of the run's own where they can be started, else those of the stack. */

import type { ModeName } from '../../src/index.ts';
import type { ModeUrls } from '../../stack/stack-state.ts';
import { createTestDatabase, type FullStack } from '../support/full-stack.ts';
import { journalSql } from '../support/journal/journal-schema.ts';
import { OwnCluster } from '../support/servers/own-cluster.ts';
import { PoolerBackends } from '../support/servers/pooler-backends.ts';
import { type Fault, isRestart, type Restart } from './faults.ts';
import { ServerGround } from './ground.ts';
import { LANE_COUNT } from './lanes.ts';

export interface OutcomeServers {
  readonly ground: ServerGround;
  /** Of the login that may become `authenticated`. */
  readonly user: ModeUrls;
  /** Of the one that may become `service_role`. */
  readonly service: ModeUrls;
  /** What their server connections are found by, where a pooler lends them. */
  readonly backends: Readonly<Partial<Record<ModeName, PoolerBackends>>>;
  /** Why a fault cannot be brought about. */
  cannot(fault: Fault, mode: ModeName): string | undefined;
  /** `strikes` is called at the moment of the kill. */
  restart(which: Restart, strikes: () => void): Promise<void>;
  close(): Promise<void>;
}

export async function startServers(stack: FullStack): Promise<OutcomeServers> {
  return stack.source === 'state file' ? await ownServers() : await serversOfTheStack(stack);
}

async function ownServers(): Promise<OutcomeServers> {
  const cluster = await OwnCluster.start();
  const ground = new ServerGround(cluster.ownerUrl);
  const backends = poolerBackends(cluster.consoles);
  const close = async (): Promise<void> => {
    await Promise.all([ground.close(), backends.session.close(), backends.transaction.close()]);
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
    user: cluster.user,
    service: cluster.service,
    backends,
    cannot: () => undefined,
    restart: (which, strikes) =>
      which.startsWith('Postgres') ? cluster.restartPostgres(strikes) : cluster.restartPoolers(strikes),
    close,
  };
}

function poolerBackends({
  session,
  transaction,
}: {
  readonly session: string;
  readonly transaction: string;
}) {
  return { session: new PoolerBackends(session), transaction: new PoolerBackends(transaction) };
}

async function serversOfTheStack(stack: FullStack): Promise<OutcomeServers> {
  const database = await createTestDatabase({ sql: journalSql(LANE_COUNT) });
  const ground = new ServerGround(database.ownerUrl);
  const why = 'the servers are named by the environment, and are not for a test to restart';
  const backends = stack.consoles === undefined ? undefined : poolerBackends(stack.consoles);
  return {
    ground,
    user: database.user,
    service: database.service,
    backends: backends ?? {},
    cannot: (fault, mode) => {
      if (isRestart(fault)) return why;
      const isHidden = backends === undefined && (mode === 'session' || mode === 'transaction');
      return isHidden && fault.startsWith('backend ')
        ? 'the pooler is named by the environment, and nothing tells which server connection it lent'
        : undefined;
    },
    restart: () => Promise.reject(new Error(why)),
    close: async () => {
      await Promise.all([ground.close(), backends?.session.close(), backends?.transaction.close()]);
      await database.drop();
    },
  };
}
