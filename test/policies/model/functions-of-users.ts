import type { Call } from '../operation.ts';
import type { Caller } from './caller.ts';
import { withoutAccount } from './constraints.ts';
import { picked } from './matching.ts';
import { mayChange, mayRead } from './may.ts';
import type { Answer, Outcome } from './outcome.ts';
import type { World } from './world.ts';

/** A search is told when so many users searched for it. */
const LEAST_USERS = 5;

export function changePreferences(world: World, caller: Caller, { user_id, patch }: Call['args']): Outcome {
  const profile = world.profiles.find(({ id }) => id === user_id);
  if (
    profile === undefined ||
    !mayRead(world, caller, 'profiles', profile) ||
    !mayChange(world, caller, 'profiles', profile)
  )
    return { world, answer: [] };
  const merged = { ...profile.preferences, ...(patch as Readonly<Record<string, string | null>>) };
  const preferences = Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const profiles = world.profiles.map((each) => (each === profile ? { ...each, preferences } : each));
  return { world: world.with('profiles', profiles), answer: [preferences] };
}

export function removeUser(world: World, caller: Caller, { user_id }: Call['args']): Outcome {
  const user = String(user_id);
  const isAllowed = caller.kind === 'service' || (caller.kind === 'user' && caller.id === user);
  if (!isAllowed || !world.accounts.has(user)) return { world, answer: [] };
  const owned = (rows: readonly { readonly user_id: string }[]) =>
    rows.filter((row) => row.user_id === user).length;
  const removed = {
    trips: world.trips.filter(({ owner_id }) => owner_id === user).length,
    collaborations: owned(world.collaborators),
    api_keys: owned(world.rowsOf('api_keys')),
    searches: owned(world.rowsOf('search_history')),
  };
  return { world: withoutAccount(world, user), answer: [removed] };
}

/** Generated periods hold all searches, or none. */
export function popularSearches(
  world: World,
  _caller: Caller,
  { since, least_users: least }: Call['args'],
): Answer {
  const users = new Map<string, Set<string>>();
  for (const { query, user_id } of String(since) < '2020' ? world.rowsOf('search_history') : []) {
    const searched = query.toLowerCase().replace(/^ +| +$/g, '');
    users.set(searched, (users.get(searched) ?? new Set()).add(user_id));
  }
  return [...users]
    .filter(([, { size }]) => size >= Math.max(Number(least ?? 0), LEAST_USERS))
    .map(([query, { size }]) => ({ query, users: size }));
}

/** Generated ages are those of all searches, or of none. */
export function purgeSearches(
  world: World,
  _caller: Caller,
  { older_than_days: days }: Call['args'],
): Outcome {
  if (Number(days) > 0) return { world, answer: 0 };
  return { world: world.with('search_history', []), answer: world.rowsOf('search_history').length };
}

export function foundKey(world: World, _caller: Caller, { hash }: Call['args']): Answer {
  return world
    .rowsOf('api_keys')
    .filter((key) => key.key_hash === hash && key.revoked_at === null && world.admits(key.user_id))
    .filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > Date.now())
    .map((key) => picked(key, ['user_id', 'key_hash', 'scopes', 'expires_at']));
}
