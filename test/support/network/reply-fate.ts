/** What the hostile pooler does to one reply. */
import type { FaultChances } from './pooler-faults.ts';
import type { SeededRandom } from './seeded-random.ts';

export type Fate = 'deliver' | 'swap-mid-reply' | 'duplicate' | 'stray' | 'swallow' | 'cut' | 'kill';

const FAULT_OF_FATE = {
  'swap-mid-reply': 'swapMidReply',
  duplicate: 'duplicateReply',
  stray: 'strayReply',
  swallow: 'swallowReply',
  cut: 'cutReply',
  kill: 'killAfterSync',
} as const satisfies Partial<Record<Fate, keyof FaultChances>>;

const FATES = Object.keys(FAULT_OF_FATE) as (keyof typeof FAULT_OF_FATE)[];

/** Every fault is drawn for every batch, so that a changed chance of one does not move the draws of the others. */
export function drawFate(random: SeededRandom, chances: FaultChances): Fate {
  const drawn = FATES.filter((fate) => random.chance(chances[FAULT_OF_FATE[fate]]));
  return random.pick(drawn) ?? 'deliver';
}
