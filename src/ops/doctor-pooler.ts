import type { Clock } from '../contract/clock.ts';
import { DatabaseError } from '../contract/errors.ts';
import { openAdminConnection, type RemoteAdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';

type PoolerKind = 'none' | 'pgbouncer' | 'supavisor';

/** How to open one more connection to the same place. */
export interface SamePlace {
  readonly url: string;
  readonly name: string;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

type ExpectedMode = 'direct' | 'session' | 'transaction';

const ROUNDS = 4;

/** What answers at the address, and whether it matches the mode of the URL. */
export async function examinePooler(
  connection: RemoteAdminConnection,
  mode: ExpectedMode,
  place: SamePlace,
): Promise<readonly Report[]> {
  const kind = await poolerKind(connection, place);
  if (kind === 'none') return [directAnswer(mode)];
  const shares = await sharesBackends(connection, place);
  const name =
    kind === 'pgbouncer' ? 'PgBouncer' : 'Supavisor, or a similar pooler that ignores unknown settings';
  if (mode === 'transaction') {
    return [
      shares
        ? { level: 'ok', check: 'pooler', message: `${name}, transaction mode` }
        : {
            level: 'info',
            check: 'pooler',
            message: `${name}; the two test connections did not share a server process`,
            advice:
              "If this is session mode, set this URL as 'session': that mode has far fewer connections.",
          },
    ];
  }
  if (shares) {
    return [
      {
        level: 'error',
        check: 'pooler',
        message: `${name}, in transaction mode: transaction() and listen() do not work here`,
        advice: `Set this URL as 'transaction', and a session mode URL (Supabase: port 5432) as '${mode}'.`,
      },
    ];
  }
  return [
    mode === 'session'
      ? { level: 'ok', check: 'pooler', message: `${name}, session mode` }
      : {
          level: 'warning',
          check: 'pooler',
          message: `${name} answers, but the direct URL must reach Postgres itself`,
          advice: "Set this URL as 'session'.",
        },
  ];
}

function directAnswer(mode: ExpectedMode): Report {
  if (mode === 'direct') return { level: 'ok', check: 'pooler', message: 'Postgres itself, no pooler' };
  return {
    level: 'warning',
    check: 'pooler',
    message: `Postgres itself answers, but a pooler in ${mode} mode was expected`,
    advice: "Set this URL as 'direct', or use the address of the pooler here.",
  };
}

/**
 * Postgres answers with the process id that it sent at login; poolers invent one. An unknown setting
 * identifies the pooler: PgBouncer refuses it before the login, Supavisor ignores it.
 */
async function poolerKind(connection: RemoteAdminConnection, place: SamePlace): Promise<PoolerKind> {
  if ((await backendOf(connection)) === connection.processId) return 'none';
  try {
    const probe = await open(place, { cdb_probe: '1' });
    await probe.close();
    return 'supavisor';
  } catch (error) {
    if (error instanceof DatabaseError && /unsupported startup parameter/.test(error.message))
      return 'pgbouncer';
    // PostgreSQL itself refused the setting, behind a proxy that passes everything on.
    if (error instanceof DatabaseError && error.sqlState === '42704') return 'none';
    throw error;
  }
}

/** Two connections that share a server process are never in session mode. */
async function sharesBackends(connection: RemoteAdminConnection, place: SamePlace): Promise<boolean> {
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
