import type { Clock } from '../contract/clock.ts';
import { DatabaseError, ServiceError } from '../contract/errors.ts';
import { systemRandom } from '../contract/random.ts';
import { statementName } from '../contract/statement-name.ts';
import {
  followedNames,
  isPooled,
  openAdminConnection,
  type ProbedConnection,
  type ReachedMode,
  type RemoteAdminConnection,
  refusesStartupParameter,
  sharesBackends,
} from '../modes/index.ts';

type PoolerKind = 'none' | 'pgbouncer' | 'supavisor';

/** How to open one more connection to the same place. */
export interface SamePlace {
  readonly url: string;
  readonly name: string;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

const ROUNDS = 4;

/**
 * Which pooler it is shows in what it does with a setting that does not exist: PgBouncer refuses it before the login,
 * Supavisor drops it.
 */
export async function poolerKind(connection: RemoteAdminConnection, place: SamePlace): Promise<PoolerKind> {
  if (!isPooled(connection.processId, await backendOf(connection))) return 'none';
  try {
    const probe = await open(place, { cdb_probe: '1' });
    await probe.close();
    return 'supavisor';
  } catch (error) {
    if (refusesStartupParameter(error)) return 'pgbouncer';
    // PostgreSQL's own refusal of the setting came through a proxy that passes everything on.
    if (error instanceof DatabaseError && error.sqlState === '42704') return 'none';
    throw error;
  }
}

/** The mode of the pooler that a connection leads to, shown by a second one. */
export async function poolingMode(
  connection: RemoteAdminConnection,
  place: SamePlace,
): Promise<'session' | 'transaction'> {
  const other = await open(place);
  try {
    return (await sharesBackends(probed(connection), probed(other), ROUNDS)) ? 'transaction' : 'session';
  } finally {
    await other.close();
  }
}

/** The mode that a connection was opened in, as the server shows it. */
export async function modeOfConnection(
  connection: RemoteAdminConnection,
  place: SamePlace,
): Promise<ReachedMode> {
  if ((await poolerKind(connection, place)) === 'none') return 'direct';
  return poolingMode(connection, place);
}

/** Whether a pooler in transaction mode takes the names of prepared statements along to each server that it lends. */
export async function followsNames(connection: RemoteAdminConnection): Promise<boolean> {
  const text = followedNames(systemRandom());
  try {
    // A name of its own: where names are not followed, it stays on the server for others.
    return (await connection.named(statementName(text), text)) === 'true';
  } catch (error) {
    if (error instanceof DatabaseError && (error.sqlState === '26000' || error.sqlState === '42P05'))
      return false;
    throw error;
  }
}

/**
 * Refuses a pooler in transaction mode before anything runs: what a session holds, such as an advisory lock,
 * would stay behind on a server connection that others get.
 *
 * @throws ServiceError `SESSION_REQUIRED`
 */
export async function assertKeepsSession(connection: RemoteAdminConnection, place: SamePlace): Promise<void> {
  if ((await modeOfConnection(connection, place)) !== 'transaction') return;
  throw new ServiceError(
    `${place.name} leads to ${connection.where}, a pooler in transaction mode. Nothing was run.`,
    {
      code: 'SESSION_REQUIRED',
      hint: 'Migrations need a direct connection or a pooler in session mode (port 5432 on Supabase).',
    },
  );
}

function open(
  place: SamePlace,
  startupParameters?: Readonly<Record<string, string>>,
): Promise<RemoteAdminConnection> {
  return openAdminConnection({
    url: place.url,
    name: place.name,
    clock: place.clock,
    connectTimeoutMs: place.connectTimeoutMs,
    ...(place.ca !== undefined && { tls: { ca: place.ca } }),
    ...(startupParameters !== undefined && { startupParameters }),
  });
}

function probed(connection: RemoteAdminConnection): ProbedConnection {
  return { processId: connection.processId, backend: () => backendOf(connection) };
}

async function backendOf(connection: RemoteAdminConnection): Promise<number> {
  const [row] = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
  return row?.pid ?? 0;
}
