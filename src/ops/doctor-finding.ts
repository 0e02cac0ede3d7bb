/**
 * - `ok`: correct.
 * - `info`: worth knowing.
 * - `warning`: works, but should be changed.
 * - `error`: does not work, or is not safe.
 */
type FindingLevel = 'ok' | 'info' | 'warning' | 'error';

export interface Finding {
  readonly level: FindingLevel;
  /** The URL that was checked, such as `direct` or `service transaction`; `database` for what all share. */
  readonly where: string;
  readonly check:
    | 'reachable'
    | 'tls'
    | 'pooler'
    | 'login'
    | 'version'
    | 'extension'
    | 'row level security'
    | 'schema cdb'
    | 'cache triggers'
    | 'vector search'
    | 'connections';
  readonly message: string;
  /** What to do about it. */
  readonly advice: string | undefined;
}

export type Report = Omit<Finding, 'where' | 'advice'> & { readonly advice?: string };

export function at(where: string, report: Report): Finding {
  return { level: report.level, where, check: report.check, message: report.message, advice: report.advice };
}
