import type { DatabaseError } from './errors.ts';

/**
 * The message of an error for a right that the role lacks, as no function of the application can raise it: what a function
 * raises begins with its own text.
 *
 * @param said Postgres' own words, without values
 */
export function refusedByGrant(said: string): string {
  return `${REFUSED}${said}.`;
}

/** The relation whose grants refused the role; undefined for all other errors, such as those of a policy. */
export function relationWithoutGrant({ sqlState, message }: DatabaseError): string | undefined {
  if (sqlState !== '42501' || !message.startsWith(REFUSED)) return undefined;
  const denied = DENIED.exec(message.slice(REFUSED.length));
  return denied?.[1] ?? denied?.[2];
}

const REFUSED = 'The role is not allowed to do this: ';
const DENIED =
  /^permission denied for (?:(?:table|view|materialized view|foreign table|relation) (.+)|column .+ of relation "(.+)")\.$/s;
