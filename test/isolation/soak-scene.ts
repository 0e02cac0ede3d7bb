/**
 * A soak with all that belongs to it: a database, the way to it, neighbours who leave things behind on the same pooler,
 * and a look at what is left when all is over.
 */
import { user } from '../../src/index.ts';
import { eventually } from '../hostile/settle.ts';
import { createTestDatabase, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { HostilePooler } from '../support/network/hostile-pooler.ts';
import { LeakyNeighbour, type NeighbourCounts } from '../support/network/leaky-neighbour.ts';
import type { Address } from '../support/network/loopback-server.ts';
import type { FaultChances, PoolerCounts } from '../support/network/pooler-faults.ts';
import type { WireCounts } from '../support/network/wire-counts.ts';
import { type DatabaseService, SOAK_APPLICATION, serviceOver } from './service-over.ts';
import { runSoak, type SoakOptions, type SoakTally } from './soak.ts';
import { soakSql, subjectOf } from './soak-database.ts';

/** Whose login the neighbours have: another program's own, or the very one that the service uses. */
export type NeighbourLogin = 'another' | 'the same';

export interface SceneOptions extends SoakOptions {
  readonly neighbours: NeighbourLogin;
  /** Connections of the service; more than the eight that the pooler of the stack has to the server. */
  readonly connections: number;
  /** A connection is replaced after this long, so that the pooler's own are dealt out anew. */
  readonly maxLifetimeMs?: number;
  /** What a hostile pooler in place of the stack's own does wrong. Transaction mode only. */
  readonly faults?: Partial<FaultChances>;
}

/**
 * More connections than the eight that a pooler of the stack has to the server. In session mode, where a connection
 * keeps its server for life, they must be replaced often for all to get their turn.
 */
export function crowded(mode: SoakOptions['mode']): Pick<SceneOptions, 'connections' | 'maxLifetimeMs'> {
  return mode === 'transaction' ? { connections: 32 } : { connections: 10, maxLifetimeMs: 250 };
}

export interface Aftermath {
  readonly tally: SoakTally;
  readonly neighbours: NeighbourCounts;
  /** What went over the wire between the service and the pooler. */
  readonly wire: Readonly<WireCounts>;
  /** Connections that the service held when all calls had ended. */
  readonly openAfterCalls: number;
  /** Calls at once that were answered after all that, as many as there are connections. */
  readonly answeredAfterwards: number;
  /** Connections that were open once the service was closed. */
  readonly openAfterClose: number;
  /** Server processes that still ran something of the service afterwards. */
  readonly orphans: number;
  readonly notes: NotesAfterwards;
  /** What the hostile pooler did, where there was one. */
  readonly pooler: Readonly<PoolerCounts> | undefined;
}

export interface NotesAfterwards {
  /** Notes of one user that another one wrote. */
  readonly misattributed: number;
  /** Notes whose call was answered and that are not there. */
  readonly lost: number;
  /** Notes whose call said that nothing was applied and that are there. */
  readonly ghosts: number;
  /** Notes of a function that failed. */
  readonly ofFailures: number;
}

export async function playScene(options: SceneOptions): Promise<Aftermath> {
  const { mode, users = 50 } = options;
  await using database = await createTestDatabase({ sql: soakSql(users) });
  const hostile = options.faults === undefined ? undefined : hostilePooler(database, options);
  const pooler =
    hostile === undefined ? readConnectionUrl(database.user[mode]).address : await hostile.start();
  const proxy = new FaultyProxy({ upstream: pooler });
  const url = throughAddress(database.user[mode], await proxy.start());
  const db = serviceOver({
    [mode]: url,
    pools: {
      [mode]: { max: options.connections, maxLifetimeMs: options.maxLifetimeMs ?? 1_800_000 },
    },
  });
  const neighbours = await startNeighbours(database, pooler, options);
  let tally: SoakTally;
  try {
    tally = await runSoak(db, options);
  } finally {
    await Promise.all(neighbours.map((neighbour) => neighbour.stop()));
  }
  hostile?.setFaults({});
  const openAfterCalls = await settledConnections(proxy, options.connections);
  const answeredAfterwards = await answerAtOnce(db, options.connections);
  const orphans = await orphansOf(database);
  await db.close();
  await eventually('the service closed its connections', () => proxy.openConnections === 0);
  const openAfterClose = proxy.openConnections;
  await proxy.stop();
  await hostile?.stop();
  return {
    tally,
    neighbours: sumOf(neighbours.map(({ counts }) => counts)),
    wire: proxy.counts,
    openAfterCalls,
    answeredAfterwards,
    openAfterClose,
    orphans,
    notes: await lookAtNotes(database, tally),
    pooler: hostile?.counts,
  };
}

function hostilePooler(database: TestDatabase, { seed, faults = {} }: SceneOptions): HostilePooler {
  const { address, login } = readConnectionUrl(database.user.direct);
  const service = readConnectionUrl(database.service.direct).login;
  return new HostilePooler({
    upstream: address,
    logins: { [login.user]: login.password, [service.user]: service.password },
    serverConnections: 8,
    cancelDelayMs: 5,
    seed,
    faults,
  });
}

async function startNeighbours(
  database: TestDatabase,
  pooler: Address,
  options: SceneOptions,
): Promise<LeakyNeighbour[]> {
  const { mode, neighbours, seed } = options;
  const url = throughAddress((neighbours === 'the same' ? database.user : database.service)[mode], pooler);
  const roles = neighbours === 'the same' ? ['authenticated', 'anon'] : ['service_role'];
  const made = [1, 2].map(
    (i) =>
      new LeakyNeighbour({
        url,
        roles,
        subjects: Array.from({ length: 50 }, (_, user) => subjectOf(user)),
        tables: ['notes'],
        seed: seed + i,
        count: 10_000_000,
        pauseMs: 4,
        patienceMs: 300,
        pipelines: options.faults !== undefined,
      }),
  );
  await Promise.all(made.map((neighbour) => neighbour.start()));
  return made;
}

function sumOf(counts: readonly NeighbourCounts[]): NeighbourCounts {
  const [first, ...others] = counts;
  if (first === undefined) throw new Error('There were no neighbours.');
  const left = { ...first.left };
  const sum = { refused: first.refused, pipelined: first.pipelined, lost: first.lost };
  for (const other of others) {
    for (const name of Object.keys(left) as (keyof typeof left)[]) left[name] += other.left[name];
    sum.refused += other.refused;
    sum.pipelined += other.pipelined;
    sum.lost += other.lost;
  }
  return { left, ...sum };
}

/** A connection whose statement was given up is cut off within a second or so. */
async function settledConnections(proxy: FaultyProxy, connections: number): Promise<number> {
  await eventually('no more connections are open than the pool may have', () => {
    return proxy.openConnections <= connections;
  });
  return proxy.openConnections;
}

async function answerAtOnce(db: DatabaseService, calls: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: calls }, (_, i) => db.as(user({ sub: subjectOf(i) })).rpc('who_am_i', {})),
  );
  return answers.filter((answer, i) => answer === subjectOf(i)).length;
}

async function orphansOf(database: TestDatabase): Promise<number> {
  const busy = async () => {
    const rows = await database.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = $1 and application_name = $2 and state <> 'idle'`,
      [database.name, SOAK_APPLICATION],
    );
    return rows[0]?.n ?? 0;
  };
  await eventually('the server works on nothing of the service', async () => (await busy()) === 0);
  return await busy();
}

export async function lookAtNotes(database: TestDatabase, tally: SoakTally): Promise<NotesAfterwards> {
  const rows = await database.query<{
    misattributed: number;
    lost: number;
    ghosts: number;
    failures: number;
  }>(
    `select
      (select count(*)::int from notes where split_part(body, ' ', 1) <> owner::text) as misattributed,
      (select count(*)::int from notes where body like '% must not stay') as failures,
      (select count(*)::int from unnest($1::text[]) w(body) where not exists (select from notes n where n.body = w.body)) as lost,
      (select count(*)::int from notes where body = any ($2::text[])) as ghosts`,
    [tally.written, tally.notApplied],
  );
  const { misattributed = -1, lost = -1, ghosts = -1, failures: ofFailures = -1 } = rows[0] ?? {};
  return { misattributed, lost, ghosts, ofFailures };
}
