import type { RemoteAdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';
import { poolerKind, type SamePlace, sharesBackends } from './pooler-probe.ts';

type ExpectedMode = 'direct' | 'session' | 'transaction';

/** Who answers at the address, and whether it pools as the mode of the URL says. */
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
