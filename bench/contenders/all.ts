import type { Contender, ContenderName } from '../contender.ts';
import { allOff, allOn, consolidatedDb } from './consolidated-db.ts';
import { drizzleOrm } from './drizzle.ts';
import { kyselyBuilder } from './kysely.ts';
import { nodePostgres } from './pg.ts';
import { postgresJs } from './postgres-js.ts';
import { rawSocket } from './raw-socket.ts';

const ALL: readonly Contender[] = [
  consolidatedDb,
  rawSocket,
  postgresJs,
  nodePostgres,
  drizzleOrm,
  kyselyBuilder,
  allOff,
  allOn,
];

export function contendersNamed(names: readonly ContenderName[]): readonly Contender[] {
  return ALL.filter(({ name }) => names.includes(name));
}
