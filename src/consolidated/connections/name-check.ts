import { ConfigurationError, DatabaseError, TimeoutError } from '../../contract/errors.ts';

/**
 * Refuses named statements where the pooler does not follow them: they fail there, or run what another client prepared.
 *
 * @param option - the one that holds the URL of the pooler
 * @param follows - what the pooler shows, 'true' or 'false'; rejects where it cannot answer such a statement
 * @throws ConfigurationError `NAMES_NOT_FOLLOWED`
 */
export async function checkNames(option: string, follows: () => Promise<string>): Promise<void> {
  let cause: unknown;
  try {
    if ((await follows()) === 'true') return;
  } catch (error) {
    // Out of time, or lost: that shows nothing. Any other error is the answer of a pooler that does not follow names.
    if (
      !(error instanceof DatabaseError) ||
      error instanceof TimeoutError ||
      error.code === 'CONNECTION_LOST'
    ) {
      throw error;
    }
    cause = error;
  }
  throw new ConfigurationError(
    `The option 'pooledStatements' is 'named', but the pooler of the option '${option}' does not follow the names of statements.`,
    {
      code: 'NAMES_NOT_FOLLOWED',
      hint: "Remove 'pooledStatements'. It is for PgBouncer, 1.21 or newer, with max_prepared_statements above 0.",
      cause,
    },
  );
}
