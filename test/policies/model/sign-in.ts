import type { Call } from '../operation.ts';
import type { Caller } from './caller.ts';
import { isTaken, meetsChecks } from './constraints.ts';
import type { NewId } from './functions.ts';
import type { Answer, Outcome } from './outcome.ts';
import type { World } from './world.ts';

export function register(world: World, _caller: Caller, args: Call['args'], newId: NewId): Outcome {
  const [email, password_hash] = [String(args.email), String(args.password_hash)];
  if ([...world.accounts.values()].some((account) => account.email === email))
    return { world, answer: { refused: 'taken' } };
  const row = { user_id: '', email, password_hash };
  if (!meetsChecks('sign_in_passwords', row)) return { world, answer: { refused: 'check' } };
  const passwords = world.rowsOf('sign_in_passwords');
  if (isTaken('sign_in_passwords', passwords, row)) return { world, answer: { refused: 'taken' } };
  const id = newId();
  const accounts = new Map([...world.accounts, [id, { email, excluded: null }]]);
  const after = world
    .withAccounts(accounts)
    .with('sign_in_passwords', [...passwords, { ...row, user_id: id }]);
  return { world: after, answer: [{ id }] };
}

export function foundPassword(world: World, _caller: Caller, { email }: Call['args']): Answer {
  return world
    .rowsOf('sign_in_passwords')
    .filter((row) => row.email === email && world.admits(row.user_id))
    .map(({ user_id, password_hash }) => ({ user_id, password_hash }));
}

export function openSession(world: World, _caller: Caller, args: Call['args'], newId: NewId): Outcome {
  const { user_id, password_hash, token_hash, expires_at } = args;
  const sessions = world
    .rowsOf('sign_in_sessions')
    .filter((session) => session.user_id !== user_id || Date.parse(session.expires_at) > Date.now());
  const password = world
    .rowsOf('sign_in_passwords')
    .find((row) => row.user_id === user_id && row.password_hash === password_hash);
  if (password === undefined) return { world: world.with('sign_in_sessions', sessions), answer: [] };
  const session = {
    ...{ id: '', user_id: password.user_id, token_hash: String(token_hash), expires_at: String(expires_at) },
  };
  if (!meetsChecks('sign_in_sessions', session)) return { world, answer: { refused: 'check' } };
  const id = newId();
  return { world: world.with('sign_in_sessions', [...sessions, { ...session, id }]), answer: [{ id }] };
}

/** A session of whoever is excluded ends too. */
export function refreshSession(world: World, _caller: Caller, args: Call['args']): Outcome {
  const { session_id, token_hash, next_token_hash } = args;
  const sessions = world.rowsOf('sign_in_sessions');
  const session = sessions.find(({ id }) => id === session_id);
  const isGood =
    session !== undefined &&
    session.token_hash === token_hash &&
    Date.parse(session.expires_at) > Date.now() &&
    world.admits(session.user_id);
  if (!isGood)
    return {
      world: world.with(
        'sign_in_sessions',
        sessions.filter((each) => each !== session),
      ),
      answer: [],
    };
  const next = { ...session, token_hash: String(next_token_hash) };
  if (!meetsChecks('sign_in_sessions', next)) return { world, answer: { refused: 'check' } };
  const email = world.rowsOf('sign_in_passwords').find(({ user_id }) => user_id === session.user_id)!.email;
  return {
    world: world.with(
      'sign_in_sessions',
      sessions.map((each) => (each === session ? next : each)),
    ),
    answer: [{ user_id: session.user_id, email }],
  };
}
