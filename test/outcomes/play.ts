/** The whole run: lanes that work side by side, slices after which the journal is read, restarts in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ModeName } from '../../src/index.ts';
import { LoopWatch } from '../support/journal/loop-watch.ts';
import { OPERATION_KINDS } from '../support/journal/operation-kinds.ts';
import { find, wrongOf } from '../support/journal/verdict.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { Cells } from './cells.ts';
import { isRestart, RESTARTS } from './faults.ts';
import { EmbeddedGround, type Ground, type LaneUrls } from './ground.ts';
import { knownFault } from './known-faults.ts';
import { type Ended, Lane } from './lane.ts';
import { LANE_COUNT, LANES } from './lanes.ts';
import type { Plan } from './plan.ts';
import { restartBeneath } from './restarts.ts';
import type { OutcomeServers } from './servers.ts';
import { emptyTally, type Tally } from './tally.ts';

export interface PlayOptions {
  readonly seed: number;
  /** At least so many; the run ends when all cells are full, too. */
  readonly operations: number;
  /** Ends after `operations`, full cells or not. */
  readonly noMore: boolean;
  /** Hits that each cell shall have. */
  readonly hits: number;
  readonly servers: OutcomeServers;
  readonly onProgress?: (tally: Tally, cells: Cells) => void;
  /** Milliseconds after its deadline or abort within which a call must have settled. */
  readonly allowedLateMs: number;
  /** Plays nothing but this plan. */
  readonly only?: Plan;
}

const LARGEST_SLICE = 1_000;
const RESTART_SLICE = 150;
/** However many cells lack hits: a cell that is never hit must not keep the run going. */
const MOST_PER_OPERATION = 6;

export async function playOutcomes(options: PlayOptions): Promise<{ tally: Tally; cells: Cells }> {
  const { seed, servers } = options;
  const random = new SeededRandom(seed);
  const modes = (Object.keys(LANES) as ModeName[]).filter(
    (mode) => options.only === undefined || options.only.mode === mode,
  );
  const cells = new Cells(OPERATION_KINDS, modes, options.hits, random, servers.cannot);
  const tally = emptyTally(seed);
  const loop = new LoopWatch();
  const embedded = modes.includes('embedded') ? await EmbeddedGround.open(LANE_COUNT) : undefined;
  const groundOf = (mode: ModeName): Ground => (mode === 'embedded' ? embedded! : servers.ground);
  const lanes = modes
    .flatMap((mode) => Array.from({ length: LANES[mode] }, () => mode))
    .map(
      (mode, index) =>
        new Lane(index, mode, groundOf(mode), loop, urlsOf(servers, mode), servers.backends[mode]),
    );
  const onUncaught = (error: unknown): void => void tally.uncaught.push(String(error));
  process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
  await Promise.all(lanes.map((lane) => lane.open()));

  /** Runs operations until there are enough of them or none is wanted, then looks at what they left. */
  const slice = async (count: number, next: NextPlan): Promise<void> => {
    const ended: Ended[] = [];
    let left = count;
    const work = async (lane: Lane): Promise<void> => {
      while (left > 0) {
        // PGlite's lane would leave no time to the sockets.
        await nextTurn();
        if (left <= 0) return;
        // Taken before it is planned: a plan that is not played would be under way for ever.
        left--;
        const plan = await next(lane);
        if (plan === undefined) {
          left++;
          return;
        }
        const end = await lane.play(plan, ++tally.operations);
        cells.ended(plan, end.hit, end.watch);
        ended.push(end);
      }
    };
    await Promise.all(lanes.map(work));
    await judge(ended, groundOf, modes, tally, options.allowedLateMs);
    options.onProgress?.(tally, cells);
  };

  try {
    if (options.only !== undefined) {
      await slice(options.operations, () => options.only);
      return { tally, cells };
    }
    await acquaint(slice, lanes);
    const most = options.noMore ? options.operations : options.operations * MOST_PER_OPERATION;
    const size = Math.min(LARGEST_SLICE, Math.ceil(options.operations / 8));
    for (let turn = 0; ; turn++) {
      const { hopeful } = cells;
      const isEnough = tally.operations >= options.operations && hopeful.length === 0;
      if (isEnough || tally.operations >= most) break;
      const count = Math.min(size, most - tally.operations);
      const lacking = RESTARTS.filter((restart) => hopeful.some(({ name }) => name === restart));
      const isTurnOfRestarts = turn % 3 === 2 || hopeful.every(({ name }) => isRestart(name));
      const restart = isTurnOfRestarts ? lacking[turn % lacking.length] : undefined;
      if (restart === undefined) {
        await slice(count, ({ mode }) => {
          const isWanted = cells.needs(mode) || cells.hopeful.length === 0;
          return isWanted ? cells.next(mode) : undefined;
        });
      } else {
        const modesMet = modes.filter((mode) =>
          cells.all.some((cell) => cell.name === restart && cell.mode === mode),
        );
        await restartBeneath(restart, servers, lanes, (whenUp) =>
          slice(Math.min(count, RESTART_SLICE), async (lane) => {
            if (!modesMet.includes(lane.mode)) return undefined;
            await whenUp();
            return cells.next(lane.mode, restart);
          }),
        );
      }
    }
    return { tally, cells };
  } finally {
    await Promise.allSettled(lanes.map((lane) => lane.close()));
    await embedded?.close();
    loop.stop();
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught);
  }
}

function urlsOf(servers: OutcomeServers, mode: ModeName): LaneUrls | undefined {
  if (mode === 'embedded') return undefined;
  return { user: servers.user[mode], service: servers.service[mode] };
}

type NextPlan = (lane: Lane) => Plan | undefined | Promise<Plan | undefined>;
type Slice = (count: number, next: NextPlan) => Promise<void>;

/** Each kind in each mode a few times with nothing in its way, from a new connection and from one that knows it. */
async function acquaint(slice: Slice, lanes: readonly Lane[]): Promise<void> {
  const plans = new Map<ModeName, Plan[]>();
  for (const { mode } of lanes) {
    if (plans.has(mode)) continue;
    const kinds = OPERATION_KINDS.filter((kind) => kind.not?.[mode] === undefined);
    const some = kinds.flatMap((kind) =>
      [1, 2, 3, 4, 5, 6].map(
        (draw): Plan => ({ mode, kind, cell: 'nothing', part: 'batch', skip: 0, slower: 1, draw }),
      ),
    );
    plans.set(mode, some);
  }
  await slice([...plans.values()].flat().length, (lane) => {
    const plan = plans.get(lane.mode)?.shift();
    if (plan !== undefined && plan.draw % 3 === 1) lane.renew();
    return plan;
  });
}

async function judge(
  ended: readonly Ended[],
  groundOf: (mode: ModeName) => Ground,
  modes: readonly ModeName[],
  tally: Tally,
  allowedLateMs: number,
): Promise<void> {
  const noted = new Map<number, string[]>();
  const ops = ended.map(({ op }) => op);
  for (const ground of new Set(modes.map(groundOf))) {
    await ground.quiet();
    const rows = await ground.query<{ op: number; did: string }>(
      'select op, did from journal_log where op = any ($1::int[])',
      [ops],
    );
    for (const { op, did } of rows) noted.set(op, [...(noted.get(op) ?? []), did]);
  }
  for (const end of ended) {
    const there = noted.get(end.op) ?? [];
    const late =
      end.lateMs > allowedLateMs ? `the call settled ${Math.round(end.lateMs)} ms after its time` : undefined;
    const why = wrongOf(end.told, end.claim, there) ?? late;
    const found = find(end.claim, there);
    tally.note(end, found, why, why === undefined ? undefined : knownFault(end, found));
  }
}
