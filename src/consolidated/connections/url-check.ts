import type { Clock } from '../../contract/clock.ts';
import { ConfigurationError, DatabaseError } from '../../contract/errors.ts';
import type { CallLimits, ConnectionMode, OneConnection } from '../../contract/mode.ts';
import {
  isPooled,
  misplacedUrl,
  type ProbedConnection,
  type ReachedMode,
  sharesBackends,
} from '../../modes/index.ts';

/** A pooler in session mode may let the second connection wait for a server. */
const PATIENCE_MS = 2_000;
/** So many rounds show nothing only where each connection keeps its server. */
const CERTAIN = 4;

interface UrlCheck {
  readonly mode: ConnectionMode;
  /** The option that holds the URL. */
  readonly option: string;
  readonly limits: CallLimits;
  readonly clock: Clock;
  /** Asks a connection for its server process. */
  readonly backendOf: (connection: OneConnection) => Promise<number>;
}

/**
 * Checks that the URL of a mode leads to what the mode is made for. What an open connection cannot tell, a second one
 * of the pool does: one round trip where all is well.
 *
 * @param backend - the server process that has answered on the connection
 * @throws ConfigurationError `MISPLACED_URL`
 */
export async function checkUrl(check: UrlCheck, connection: OneConnection, backend: number): Promise<void> {
  const expected = check.mode.name as ReachedMode;
  const isDirect = !isPooled(connection.processId, backend);
  if (expected === 'direct' && isDirect) return;
  const reached = isDirect ? 'direct' : await poolingMode(check, connection, backend, expected);
  const subject = `The URL of the option '${check.option}'`;
  if (reached === undefined) {
    // Any pooler is wrong there.
    if (expected !== 'direct') return;
    throw misplaced(
      `${subject} leads to a pooler, not to Postgres itself.`,
      "Set this URL as 'session' or 'transaction'.",
    );
  }
  const found = misplacedUrl(expected, reached);
  if (found !== undefined) throw misplaced(`${subject} ${found.message}.`, found.advice);
}

/** Undefined where it cannot be told. */
async function poolingMode(
  { mode, limits, clock, backendOf }: UrlCheck,
  connection: OneConnection,
  backend: number,
  expected: ReachedMode,
): Promise<ReachedMode | undefined> {
  if (mode.stats().max < 2) return undefined;
  let known: number | undefined = backend;
  const first: ProbedConnection = {
    processId: connection.processId,
    async backend() {
      const answered = known ?? (await backendOf(connection));
      known = undefined;
      return answered;
    },
  };
  const deadline = Math.min(limits.deadline, clock.now() + PATIENCE_MS);
  try {
    const shares = await mode.onOneConnection({ ...limits, deadline }, (other) =>
      sharesBackends(
        first,
        { processId: other.processId, backend: () => backendOf(other) },
        expected === 'session' ? 1 : CERTAIN,
      ),
    );
    if (shares) return connection.isOpen ? 'transaction' : undefined;
    return 'session';
  } catch (error) {
    // No second connection, or it was lost: the first one works, and a doubt is no reason to refuse it.
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}

function misplaced(message: string, hint: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'MISPLACED_URL', hint });
}
