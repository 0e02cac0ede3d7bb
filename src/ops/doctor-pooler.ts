import { misplacedUrl, type ReachedMode, type RemoteAdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { poolerKind, poolingMode, type SamePlace } from './pooler-probe.ts';

const NAMES = {
  none: 'Postgres itself, no pooler',
  pgbouncer: 'PgBouncer',
  supavisor: 'Supavisor, or a similar pooler that ignores unknown settings',
} as const;

/** Who answers at the address, and whether it pools as the mode of the URL says. */
export async function examinePooler(
  connection: RemoteAdminConnection,
  expected: ReachedMode,
  place: SamePlace,
): Promise<readonly Report[]> {
  const kind = await poolerKind(connection, place);
  const reached = kind === 'none' ? 'direct' : await poolingMode(connection, place);
  const name = kind === 'none' ? NAMES.none : `${NAMES[kind]}, ${reached} mode`;
  const misplaced = misplacedUrl(expected, reached);
  if (misplaced === undefined) return [{ level: 'ok', check: 'pooler', message: name }];
  return [
    {
      level: 'error',
      check: 'pooler',
      message: `${name}: the URL ${misplaced.message}`,
      advice: misplaced.advice,
    },
  ];
}
