import { CONTENDER_NAMES, type ContenderName, type SuiteContender } from '../contender.ts';
import { consolidatedDb, namedPooled, perCall } from './consolidated-db.ts';
import { drizzleOrm } from './drizzle.ts';
import { kyselyBuilder } from './kysely.ts';
import { nodePostgres } from './pg.ts';
import { postgresJs } from './postgres-js.ts';

const ALL: Readonly<Record<ContenderName, SuiteContender>> = {
  'consolidated-db': consolidatedDb,
  'named-pooled': namedPooled,
  'per-call': perCall,
  'postgres.js': postgresJs,
  pg: nodePostgres,
  drizzle: drizzleOrm,
  kysely: kyselyBuilder,
};

export function suiteContenders(
  names: readonly ContenderName[] = CONTENDER_NAMES,
): readonly SuiteContender[] {
  return names.map((name) => ALL[name]);
}
