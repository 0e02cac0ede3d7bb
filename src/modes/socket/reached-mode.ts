import { DatabaseError } from '../../contract/errors.ts';

/** What answers at the address of a URL: Postgres itself, or a pooler in one of its modes. */
export type ReachedMode = 'direct' | 'session' | 'transaction';

/** A connection that is asked who answers it. */
export interface ProbedConnection {
  /** The process id that the other end gave at the login. */
  readonly processId: number | undefined;
  /** The process id of the server that answers now. */
  backend(): Promise<number>;
}

/** Postgres answers with the process id that it gave at the login; poolers make one up. */
export function isPooled(processId: number | undefined, backend: number): boolean {
  return backend !== processId;
}

/** PgBouncer refuses settings that are sent at the login; Postgres takes them, Supavisor drops them. */
export function refusesStartupParameter(error: unknown): boolean {
  return error instanceof DatabaseError && error.message.includes('unsupported startup parameter');
}

/**
 * Whether two connections to one pooler share server processes: only in transaction mode does one process answer
 * both, or several answer one.
 *
 * Each round asks both, in turns from either side: a pooler that lends its servers by rotation would otherwise lend each
 * connection the same one again.
 *
 * @param rounds - one is right for `true`; that several find nothing means session mode
 */
export async function sharesBackends(
  one: ProbedConnection,
  other: ProbedConnection,
  rounds: number,
): Promise<boolean> {
  const seen = new Map<ProbedConnection, number>();
  for (let round = 0; round < rounds; round++) {
    for (const asked of round % 2 === 0 ? [one, other] : [other, one]) {
      const backend = await asked.backend();
      if ((seen.get(asked) ?? backend) !== backend) return true;
      if (seen.get(asked === one ? other : one) === backend) return true;
      seen.set(asked, backend);
    }
  }
  return false;
}

const WORDS: Readonly<Record<ReachedMode, string>> = {
  direct: 'Postgres itself',
  session: 'a pooler in session mode',
  transaction: 'a pooler in transaction mode',
};

/** What is wrong with a URL that is given for one mode and reaches another; undefined where nothing is. */
export function misplacedUrl(
  expected: ReachedMode,
  reached: ReachedMode,
): { readonly message: string; readonly advice: string } | undefined {
  if (expected === reached) return undefined;
  const further =
    reached === 'transaction'
      ? ` Interactive transactions and listen() need a 'direct' or 'session' URL (on Supabase port 5432).`
      : '';
  return {
    message: `leads to ${WORDS[reached]}, not to ${WORDS[expected]}`,
    advice: `Set this URL as '${reached}'.${further}`,
  };
}
