import { createRollout, type Rollout, type RolloutFlag } from '../../../src/index.ts';
import type { Database } from '../../../test/support/database.generated.ts';
import { FlagInHand } from '../flag-in-hand.ts';
import { expectEqual, type Step, type World } from '../step.ts';

/** From a legacy service to this one, call by call, and back at once. */
export const rolloutSteps: readonly Step[] = [
  {
    title: 'Let only Ana over to the new service',
    as: 'token',
    async run(world) {
      const { story, userIds } = world;
      await using rollout = beside(world, new FlagInHand({ allow: [userIds.ana] }));
      await rollout.ready();
      await rollout.withToken(story.anaSession.take().accessToken).count('trips');
      await rollout.withToken(story.benSession.take().accessToken).count('trips');
      return { note: expectSides(rollout, { legacy: 1, consolidated: 1 }) };
    },
  },
  {
    title: 'Throw the kill switch, and end it',
    as: 'token',
    async run(world) {
      const token = world.story.anaSession.take().accessToken;
      const flag = new FlagInHand({ percentage: 100 });
      let told = Promise.withResolvers<void>();
      await using rollout = beside(world, flag, () => told.resolve());
      await rollout.ready();
      const ana = rollout.withToken(token);
      const turnTo = async (next: RolloutFlag): Promise<void> => {
        told = Promise.withResolvers();
        flag.set(next);
        await told.promise;
      };
      await ana.count('trips');
      await turnTo({ percentage: 100, killed: true });
      await ana.count('trips');
      await ana.count('trips');
      await turnTo({ percentage: 100 });
      await ana.count('trips');
      return { note: expectSides(rollout, { legacy: 2, consolidated: 2 }) };
    },
  },
];

/** The legacy service is played by this one: yours has the same methods, as `createLegacyDatabase` makes them. */
function beside({ db }: World, flag: FlagInHand, onFlag: () => void = () => {}): Rollout<Database['public']> {
  return createRollout<Database['public']>({
    legacy: db,
    consolidated: db,
    flag,
    onEvent: ({ type }) => {
      if (type === 'flag') onFlag();
    },
  });
}

function expectSides(
  rollout: Rollout<Database['public']>,
  wanted: { readonly legacy: number; readonly consolidated: number },
): string {
  const [seen] = rollout.status().calls;
  expectEqual('Calls of the legacy service', seen?.legacy.calls, wanted.legacy);
  expectEqual('Calls of the consolidated service', seen?.consolidated.calls, wanted.consolidated);
  return `${wanted.legacy} to the legacy service, ${wanted.consolidated} to this one`;
}
