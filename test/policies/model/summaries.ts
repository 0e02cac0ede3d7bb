import type { Caller } from './caller.ts';
import { mayRead } from './may.ts';
import type { Row } from './rows.ts';
import type { World } from './world.ts';

export const SUMMARY_COLUMNS = [
  'id',
  'owner_id',
  'title',
  'status',
  'visibility',
  'starts_on',
  'ends_on',
  'destination_name',
  'country_code',
  'collaborator_count',
];

/** The rows of `trip_summaries` for a caller. */
export function summariesFor(world: World, caller: Caller): readonly Row[] {
  return world.trips
    .filter((trip) => mayRead(world, caller, 'trips', trip))
    .map(({ id, owner_id, title, status, visibility, starts_on, ends_on, destination_id }) => {
      const destination = world.destinations.find((each) => each.id === destination_id);
      const counted = world.collaborators.filter(
        (row) => row.trip_id === id && mayRead(world, caller, 'trip_collaborators', row),
      );
      return {
        ...{ id, owner_id, title, status, visibility, starts_on, ends_on },
        destination_name: destination?.name ?? null,
        country_code: destination?.country_code ?? null,
        collaborator_count: counted.length,
      };
    });
}
