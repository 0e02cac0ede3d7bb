/** The servers beneath the faults: a run's own where faults may kill them, else a database of the stack. */
import type { ModeUrls } from '../../stack/stack-state.ts';
import { createTestDatabase, type FullStack } from '../support/full-stack.ts';
import { JournalOwner } from '../support/journal/journal-owner.ts';
import { journalSql } from '../support/journal/journal-schema.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { OwnCluster, type OwnClusterOptions } from '../support/servers/own-cluster.ts';
import { SeededNumbers } from './seeded-numbers.ts';

export interface FaultServers {
  readonly owner: JournalOwner;
  readonly numbers: SeededNumbers;
  /** Of the login that may become `authenticated`. */
  readonly user: ModeUrls;
  /** Of the one that may become `service_role`. */
  readonly service: ModeUrls;
  /** Servers that may be killed. */
  readonly cluster: OwnCluster | undefined;
  close(): Promise<void>;
}

/** Reads of one's own rows find them by their owner. */
const SCHEMA = `${OWN_SCHEMA}
  ${journalSql(0)}
  create index on journal (owner);`;

/** Where the stack is named by the environment its servers are not for a test to start others beside. */
export function canStartServers(stack: FullStack): boolean {
  return stack.source === 'state file';
}

export async function ownFaultServers(
  options: OwnClusterOptions = {},
): Promise<FaultServers & { readonly cluster: OwnCluster }> {
  const cluster = await OwnCluster.start(options);
  const owner = new JournalOwner(cluster.ownerUrl);
  const close = async (): Promise<void> => {
    await owner.close();
    await cluster.stop();
  };
  try {
    await owner.query(SCHEMA);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    owner,
    numbers: new SeededNumbers(owner),
    user: cluster.user,
    service: cluster.service,
    cluster,
    close,
  };
}

export async function faultServersOfTheStack(): Promise<FaultServers> {
  const database = await createTestDatabase({ sql: SCHEMA });
  const owner = new JournalOwner(database.ownerUrl);
  return {
    owner,
    numbers: new SeededNumbers(owner),
    user: database.user,
    service: database.service,
    cluster: undefined,
    close: async () => {
      await owner.close();
      await database.drop();
    },
  };
}
