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

/** Throws a `ValidationError` where one that was asked for by its name cannot take part. */
export function takingPart(
  names: readonly ContenderName[],
  { areNamed, dataApi }: { readonly areNamed: boolean; readonly dataApi: DataApi | undefined },
): { readonly contenders: readonly SuiteContender[]; readonly leftOut: readonly LeftOut[] } {
  const asked = suiteContenders(names, dataApi).map((each) => ({ each, why: each.missing?.() }));
  const leftOut = asked.flatMap(({ each: { name }, why }) => (why === undefined ? [] : [{ name, why }]));
  const [first] = leftOut;
  if (areNamed && first !== undefined) {
    throw new ValidationError(`--contender ${first.name} cannot take part: ${first.why}.`);
  }
  return { contenders: asked.flatMap(({ each, why }) => (why === undefined ? [each] : [])), leftOut };
}
