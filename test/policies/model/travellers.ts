import type { Trip } from './rows.ts';
import type { World } from './world.ts';

/** How a user stands to a trip. */
export type Standing = 'owner' | 'editor' | 'viewer' | 'stranger';

export function standingOf(world: World, user: string, trip: Trip): Standing {
  if (trip.owner_id === user) return 'owner';
  const shared = world.collaborators.find(({ trip_id, user_id }) => trip_id === trip.id && user_id === user);
  if (shared === undefined) return 'stranger';
  return shared.role === 'editor' ? 'editor' : 'viewer';
}

export function standingByTripId(world: World, user: string, tripId: string): Standing {
  const trip = world.trips.find(({ id }) => id === tripId);
  return trip === undefined ? 'stranger' : standingOf(world, user, trip);
}

export function isOnTrip(world: World, user: string, tripId: string): boolean {
  return standingByTripId(world, user, tripId) !== 'stranger';
}

/** Whether there is a trip that both are on. */
export function travelTogether(world: World, one: string, other: string): boolean {
  return tripsWith(world, one).some((tripId) => isOnTrip(world, other, tripId));
}

/** The ids of the trips that a user is on. */
function tripsWith(world: World, user: string): readonly string[] {
  const owned = world.trips.filter(({ owner_id }) => owner_id === user).map(({ id }) => id);
  const shared = world.collaborators.filter(({ user_id }) => user_id === user).map(({ trip_id }) => trip_id);
  return [...owned, ...shared];
}
