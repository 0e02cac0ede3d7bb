import { ValidationError } from '../../../src/contract/errors.ts';
import type { ContenderName, SuiteContender } from '../contender.ts';
import type { DataApi } from '../data-api.ts';
import { consolidatedDb, namedPooled, perCall } from './consolidated-db.ts';
import { drizzleOrm } from './drizzle.ts';
import { kyselyBuilder } from './kysely.ts';
import { nodePostgres } from './pg.ts';
import { pgbench } from './pgbench.ts';
import { postgresJs } from './postgres-js.ts';
import { prismaOrm } from './prisma.ts';
import { rawSocket } from './raw-socket.ts';
import { supabaseJs } from './supabase-js.ts';
import { supabaseServer } from './supabase-server.ts';

/** @param dataApi - for supabase-js */
export function suiteContenders(
  names: readonly ContenderName[],
  dataApi?: DataApi,
): readonly SuiteContender[] {
  const all: Readonly<Record<ContenderName, SuiteContender>> = {
    'consolidated-db': consolidatedDb,
    'named-pooled': namedPooled,
    'per-call': perCall,
    'postgres.js': postgresJs,
    pg: nodePostgres,
    drizzle: drizzleOrm,
    kysely: kyselyBuilder,
    prisma: prismaOrm,
    'supabase-server': supabaseServer,
    'supabase-js': supabaseJs(dataApi),
    'raw-socket': rawSocket,
    pgbench,
  };
  return names.map((name) => all[name]);
}

/** Whoever is not here: its name, and what brings it. */
export interface LeftOut {
  readonly name: ContenderName;
  readonly why: string;
}

/** A quick look has two minutes. */
const NOT_IN_QUICK: readonly ContenderName[] = ['prisma', 'supabase-server', 'raw-socket', 'pgbench'];

interface Asked {
  readonly names: readonly ContenderName[];
  /** Whether they were asked for by their names. */
  readonly areNamed: boolean;
  readonly isQuick: boolean;
  readonly dataApi: DataApi | undefined;
}

/** Throws a `ValidationError` where one that was asked for by its name cannot take part. */
export function takingPart({ names, areNamed, isQuick, dataApi }: Asked): {
  readonly contenders: readonly SuiteContender[];
  readonly leftOut: readonly LeftOut[];
} {
  const contenders: SuiteContender[] = [];
  const leftOut: LeftOut[] = [];
  for (const contender of suiteContenders(names, dataApi)) {
    const { name } = contender;
    const missing = contender.missing?.();
    if (areNamed && missing !== undefined) {
      throw new ValidationError(`--contender ${name} cannot take part: ${missing}.`);
    }
    const why =
      !areNamed && isQuick && NOT_IN_QUICK.includes(name) ? '--quick takes it only by --contender' : missing;
    if (why === undefined) contenders.push(contender);
    else leftOut.push({ name, why });
  }
  return { contenders, leftOut };
}
