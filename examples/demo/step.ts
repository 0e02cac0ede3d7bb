import type { ConsolidatedDatabaseService, Credentials, DatabaseHandle, LocalAuth } from '../../src/index.ts';
import type { AdminConnection } from '../../src/modes/index.ts';
import type { Database } from '../../test/support/database.generated.ts';
import type { Place } from './places.ts';
import type { Story } from './story.ts';
import type { DemoTokens } from './tokens.ts';

/** Who a step runs as, in the words of the table. */
export type StepIdentity =
  | 'set-up'
  | 'service'
  | 'anonymous'
  | 'ana'
  | 'ben'
  | 'token'
  | 'api key'
  | 'operator'
  | 'nobody';

/** What the steps work with. */
export interface World {
  readonly db: ConsolidatedDatabaseService<Database>;
  readonly anonymous: DatabaseHandle<Database>;
  readonly ana: DatabaseHandle<Database>;
  readonly ben: DatabaseHandle<Database>;
  readonly service: DatabaseHandle<Database>;
  /** Ids of the two users, as `auth.uid()` sees them. */
  readonly userIds: { readonly ana: string; readonly ben: string };
  /** Ids of Ana's trips: chosen in advance, so that every step can name them. */
  readonly tripIds: Readonly<Record<TripName, string>>;
  readonly usernames: { readonly ana: string; readonly ben: string };
  readonly tokens: DemoTokens;
  readonly places: readonly Place[];
  /** Sign-in with a password, without a project of Supabase. */
  readonly auth: LocalAuth;
  readonly credentials: { readonly ana: Credentials; readonly ben: Credentials };
  /** The owner of the database, as operators connect. */
  readonly admin: AdminConnection;
  /** What earlier steps leave for later ones. */
  readonly story: Story;
  /** Tells the clean-up that a step has removed this account itself. */
  accountRemoved(): void;
}

export const TRIP_NAMES = [
  'lisbon',
  'tokyo',
  'nairobi',
  'batched',
  'undone',
  'kept',
  'dropped',
  'hostile',
] as const;
export type TripName = (typeof TRIP_NAMES)[number];

/** The expected refusal: the class of the error and its stable code. */
export interface Refusal {
  readonly error: string;
  readonly code: string;
}

/** What a successful step reports. */
export interface StepReport {
  /** Rows that were read or written; undefined where the result is not rows. */
  readonly rows?: number;
  /** A line about what came back, for people. */
  readonly note?: string;
}

/** One row of the table. `W` is what it works with. */
export interface Step<W = World> {
  /** What is done, in at most 37 characters. */
  readonly title: string;
  readonly as: StepIdentity;
  /** The step must be refused in this way; without it, it must succeed. */
  readonly refused?: Refusal;
  /** The step needs its own connection: a direct, session or embedded one. */
  readonly pinned?: true;
  /** The step leaves traces that nobody may remove, or locks tables: not for the database of somebody else. */
  readonly embedded?: true;
  run(world: W): Promise<StepReport>;
}

/** The step did not do what it should, although the database threw no error. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
}

/** @throws ExpectationError that says what was expected and what was found */
export function expectEqual(what: string, actual: unknown, wanted: unknown): void {
  if (actual !== wanted) {
    throw new ExpectationError(`${what}: expected ${String(wanted)}, got ${String(actual)}.`);
  }
}

/** @throws ExpectationError */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ExpectationError(what);
}
