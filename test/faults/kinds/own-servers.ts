import type { OwnCluster } from '../../support/servers/own-cluster.ts';
import type { FaultServers } from '../fault-servers.ts';

/** The servers that a fault may kill. */
export function clusterOf({ cluster }: FaultServers): OwnCluster {
  if (cluster === undefined) throw new Error('This fault needs servers of its own.');
  return cluster;
}
