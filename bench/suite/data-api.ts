import { ConfigurationError, ValidationError } from '../../src/contract/errors.ts';
import { BENCH_USERS } from './plan.ts';
import { TRIPS_SQL, tripsSql } from './world.ts';

/** A Data API that serves the tables of the suite. */
export interface DataApi {
  readonly url: string;
  /** The publishable key. */
  readonly key: string;
  /** With which the tokens of the suite's users are signed, HS256. */
  readonly jwtSecret: string;
  /** As many trips as the other contenders have. */
  readonly rows: number;
}

const KEY = 'CDB_BENCH_SUPABASE_KEY';
const SECRET = 'CDB_BENCH_SUPABASE_JWT_SECRET';

/** Secrets come from the environment, because arguments are shown to every user of a machine. */
export function dataApiAt(
  given: string | undefined,
  rows: number,
  environment: Readonly<Record<string, string | undefined>>,
): DataApi | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ValidationError('--supabase-url must be an http or https URL without a password in it.');
  }
  return {
    url: url.href,
    key: secretOf(KEY, environment),
    jwtSecret: secretOf(SECRET, environment),
    rows,
  };
}

function secretOf(name: string, environment: Readonly<Record<string, string | undefined>>): string {
  const value = environment[name] ?? '';
  if (value === '') throw new ConfigurationError(`--supabase-url needs ${name} in the environment.`);
  return value;
}

/** For its database, also where the tables are there already. The last line lets PostgREST know of them. */
export function dataApiTables(rows: number): string {
  return `drop table if exists public.bench_trips;
drop function if exists public.bench_count_trips;
${TRIPS_SQL}${tripsSql({ rows, users: BENCH_USERS })}notify pgrst, 'reload schema';
`;
}
