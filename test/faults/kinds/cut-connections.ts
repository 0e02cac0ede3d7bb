/** Connections are cut at a message. */
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, behind, type Part, within } from '../../support/network/boundaries.ts';
import type { SeededRandom } from '../../support/network/seeded-random.ts';
import type { OperationWatch } from '../../support/network/strike.ts';
import { type Blow, beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';

const ROUND_MS = 600;
/** Time for a cut to meet its message, before another one is tried. */
const ARMED_MS = 60;
const LOOK_EVERY_MS = 4;

const PARTS: readonly Part[] = ['batch', 'BEGIN', 'inside', 'COMMIT or ROLLBACK'];
const REQUEST = ['Parse', 'Bind', 'Execute', 'Sync'];
const REPLY = ['ParseComplete', 'BindComplete', 'DataRow', 'CommandComplete', 'ReadyForQuery'];

const EVERY_EDGE: readonly string[] = PARTS.flatMap((part) => [
  beforeAll(part, 'request'),
  beforeAll(part, 'reply'),
  ...REQUEST.flatMap((message) => [within(part, 'request', message), behind(part, 'request', message)]),
  ...REPLY.flatMap((message) => [within(part, 'reply', message), behind(part, 'reply', message)]),
]);

/** Keeps each proxy armed with one cut after the other. */
async function cutFor(
  { front, notes, random }: Blow,
  boundaries: readonly string[],
  how: (random: SeededRandom) => 'reset' | 'end',
): Promise<void> {
  const until = performance.now() + ROUND_MS;
  const proxies = front.cuttingProxies;
  const armed = new Map<(typeof proxies)[number], { watch: OperationWatch; at: number }>();
  // A reply belongs to the watch of its request: one that was replaced may strike yet.
  const watches: OperationWatch[] = [];
  while (performance.now() < until) {
    for (const proxy of proxies) {
      const last = armed.get(proxy);
      const now = performance.now();
      if (last !== undefined && !last.watch.struck && now < last.at + ARMED_MS) continue;
      const boundary = random.pick(boundaries) ?? boundaries[0]!;
      const watch = proxy.watch({ kind: 'cut', boundary, skip: random.below(3), how: how(random) });
      armed.set(proxy, { watch, at: now });
      watches.push(watch);
    }
    await pause(LOOK_EVERY_MS);
  }
  for (const proxy of proxies) proxy.release();
  await pause(LOOK_EVERY_MS);
  notes.struck += watches.filter(({ struck }) => struck).length;
}

function cuts(
  name: string,
  boundaries: readonly string[],
  how: (random: SeededRandom) => 'reset' | 'end',
): Fault {
  return {
    name,
    play: beneathLoad({ front: { through: 'cutting' }, strike: (blow) => cutFor(blow, boundaries, how) }),
  };
}

const either = (random: SeededRandom): 'reset' | 'end' => (random.chance(0.5) ? 'reset' : 'end');
const COMMIT: Part = 'COMMIT or ROLLBACK';

export const CUT_CONNECTIONS: readonly Fault[] = [
  cuts(
    'reset in the middle of a row',
    [within('batch', 'reply', 'DataRow'), within('inside', 'reply', 'DataRow')],
    () => 'reset',
  ),
  cuts('closed at a message', EVERY_EDGE, either),
  cuts('COMMIT request lost', [beforeAll(COMMIT, 'request'), within(COMMIT, 'request', 'Sync')], either),
  cuts('COMMIT reply lost', [beforeAll(COMMIT, 'reply'), within(COMMIT, 'reply', 'CommandComplete')], either),
  // What a retry of a write without a key would apply twice.
  cuts(
    'reply to a write lost',
    [beforeAll('batch', 'reply'), behind('batch', 'reply', 'CommandComplete')],
    either,
  ),
];
