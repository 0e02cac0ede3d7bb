import type { Clock } from '../contract/clock.ts';
import { DatabaseError, ServiceError } from '../contract/errors.ts';
import { openAdminConnection, type RemoteAdminConnection } from '../modes/index.ts';

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
 * Postgres answers with the process id that it gave at login; poolers make one up. Which pooler it is shows
 * in what it does with a setting that does not exist: PgBouncer refuses it before the login, Supavisor drops it.
 */
export async function poolerKind(connection: RemoteAdminConnection, place: SamePlace): Promise<PoolerKind> {
  if ((await backendOf(connection)) === connection.processId) return 'none';
  try {
    const probe = await open(place, { cdb_probe: '1' });
    await probe.close();
    return 'supavisor';
  } catch (error) {
    if (error instanceof DatabaseError && /unsupported startup parameter/.test(error.message))
      return 'pgbouncer';
    // PostgreSQL's own refusal of the setting came through a proxy that passes everything on.
    if (error instanceof DatabaseError && error.sqlState === '42704') return 'none';
    throw error;
  }
}

/** Two connections that are answered by one server process are never in session mode. */
export async function sharesBackends(connection: RemoteAdminConnection, place: SamePlace): Promise<boolean> {
  const other = await open(place);
  try {
    const seen = [new Set<number>(), new Set<number>()] as const;
    for (let round = 0; round < ROUNDS; round += 1) {
      seen[0].add(await backendOf(connection));
      seen[1].add(await backendOf(other));
    }
    return seen[0].size > 1 || seen[1].size > 1 || [...seen[0]].some((backend) => seen[1].has(backend));
  } finally {
    await other.close();
  }
}

/** The mode that a connection was opened in, as the server shows it. */
export async function modeOfConnection(
  connection: RemoteAdminConnection,
  place: SamePlace,
): Promise<'direct' | 'session' | 'transaction'> {
  if ((await poolerKind(connection, place)) === 'none') return 'direct';
  return (await sharesBackends(connection, place)) ? 'transaction' : 'session';
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

async function backendOf(connection: RemoteAdminConnection): Promise<number> {
  const [row] = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
  return row?.pid ?? 0;
}
