/** Generated statements through the service, each answer held to the model of the policies. */
import { Coverage } from './coverage.ts';
import { Draw } from './draw.ts';
import { generateWorld } from './generate-world.ts';
import { type Ground, loadWorld } from './ground.ts';
import type { PlayOptions, Tally } from './play-options.ts';
import { WorldRun } from './world-run.ts';

export async function play(ground: Ground, options: PlayOptions): Promise<Tally> {
  const { casesOfWorld = 2_500, differences: most = 5 } = options;
  const tally: Tally = {
    ...{ cases: 0, worlds: 0, looks: 0, answers: {}, differences: [] },
    coverage: options.coverage ?? new Coverage(),
  };
  while (tally.cases < options.cases && tally.differences.length < most) {
    tally.worlds = options.world ?? tally.worlds + 1;
    const draw = new Draw(options.seed * 100_003 + tally.worlds);
    const { world, people } = generateWorld(draw);
    await loadWorld(ground, world);
    const cases = Math.min(options.cases - tally.cases, casesOfWorld);
    await new WorldRun(ground, draw, people, world, options, tally).play(cases);
    if (options.world !== undefined) break;
  }
  return tally;
}
