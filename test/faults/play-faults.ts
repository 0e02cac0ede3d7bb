/** Plays faults one after the other, and judges each by what the journal has of its operations. */
import { LoopWatch } from '../support/journal/loop-watch.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { type Fault, FaultNotes, type FaultStage } from './fault.ts';
import { type FaultRow, rowOf, type Tolerance } from './fault-row.ts';
import type { FaultServers } from './fault-servers.ts';
import { Front } from './front.ts';
import { type EndedOperation, Load } from './load.ts';

export interface PlayFaultsOptions {
  readonly faults: readonly Fault[];
  readonly servers: FaultServers;
  readonly seed: number;
  /** At least so many for each fault. */
  readonly operations: number;
  /** @defaultValue none */
  readonly tolerance?: Tolerance;
  readonly onBegin?: (fault: Fault) => void;
  readonly onRow?: (row: FaultRow) => void;
}

const NONE: Tolerance = { late: 0, recovery: 0 };

export async function playFaults(options: PlayFaultsOptions): Promise<FaultRow[]> {
  const rows: FaultRow[] = [];
  const loop = new LoopWatch();
  const uncaught: string[] = [];
  const onUncaught = (error: unknown): void => void uncaught.push(String(error));
  process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
  try {
    for (const fault of options.faults) {
      options.onBegin?.(fault);
      const row = await playFault(fault, options, loop, uncaught);
      rows.push(row);
      options.onRow?.(row);
    }
    return rows;
  } finally {
    loop.stop();
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught);
  }
}

async function playFault(
  fault: Fault,
  { servers, seed, operations, tolerance = NONE }: PlayFaultsOptions,
  loop: LoopWatch,
  uncaught: string[],
): Promise<FaultRow> {
  const beganAt = performance.now();
  const notes = new FaultNotes();
  // A fault alone draws what it draws among the others.
  const random = new SeededRandom(seed + hashOf(fault.name));
  const judged: { readonly ended: readonly EndedOperation[]; readonly servers: FaultServers }[] = [];
  const cleanUps: (() => Promise<unknown>)[] = [];
  const stage: FaultStage = {
    servers,
    random,
    operations,
    notes,
    loop,
    cleanUps,
    judge: (ended, others = servers) => void judged.push({ ended, servers: others }),
    openFront: async (front, others = servers) => {
      const opened = await Front.open(others, front);
      cleanUps.push(() => opened.close());
      return opened;
    },
    makeLoad: (front, load) => {
      const made = new Load(front, loop, random.below(2 ** 31), load);
      judged.push({ ended: made.ended, servers: front.servers });
      return made;
    },
  };
  try {
    await fault.play(stage);
  } catch (error) {
    notes.broken.push(`it could not be played: ${error instanceof Error ? error.message : String(error)}`);
  }
  const journal = new Map<number, string[]>();
  for (const { ended, servers: where } of judged) await readJournal(where, ended, journal);
  const ended = judged.flatMap((some) => some.ended);
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  return rowOf({
    name: fault.name,
    notes,
    ended,
    journal,
    wantedOperations: operations,
    tolerance,
    uncaught: uncaught.splice(0),
    seconds: (performance.now() - beganAt) / 1_000,
  });
}

/** Only one server has what was done in one fault, so that numbers do not meet. */
async function readJournal(
  { owner }: FaultServers,
  ended: readonly EndedOperation[],
  into: Map<number, string[]>,
): Promise<void> {
  if (ended.length === 0) return;
  await owner.quiet();
  const ops = ended.map(({ op }) => op);
  const rows = await owner.query<{ op: number; did: string }>(
    'select op, did from journal_log where op between $1 and $2',
    [ops.reduce((one, other) => Math.min(one, other)), ops.reduce((one, other) => Math.max(one, other))],
  );
  const asked = new Set(ops);
  for (const { op, did } of rows) {
    if (!asked.has(op)) continue;
    const dids = into.get(op);
    if (dids === undefined) into.set(op, [did]);
    else dids.push(did);
  }
}

function hashOf(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) | 0;
  return hash >>> 1;
}
