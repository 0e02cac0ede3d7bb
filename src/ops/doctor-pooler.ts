import { misplacedUrl, type ReachedMode, type RemoteAdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { followsNames, poolerKind, poolingMode, type SamePlace } from './pooler-probe.ts';

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
  if (misplaced === undefined) {
    const ok: Report = { level: 'ok', check: 'pooler', message: name };
    return reached === 'transaction' ? [ok, await namedStatements(connection, kind)] : [ok];
  }
  return [
    {
      level: 'error',
      check: 'pooler',
      message: `${name}: the URL ${misplaced.message}`,
      advice: misplaced.advice,
    },
  ];
}

/** The option `pooledStatements` is for PgBouncer: another pooler may run what a stranger prepared under the name. */
async function namedStatements(connection: RemoteAdminConnection, kind: keyof typeof NAMES): Promise<Report> {
  const report = (message: string, advice: string): Report => ({
    level: 'info',
    check: 'pooler',
    message,
    advice,
  });
  if (kind !== 'pgbouncer') {
    return report(
      'Statements are unnamed here',
      "Leave the option 'pooledStatements' out: 'named' is for PgBouncer.",
    );
  }
  return (await followsNames(connection))
    ? report(
        'Follows the names of statements',
        "pooledStatements: 'named' saves the server most of its work.",
      )
    : report(
        'Does not follow the names of statements',
        "With max_prepared_statements above 0 (PgBouncer 1.21 or newer), pooledStatements: 'named' saves the server most of its work.",
      );
}
