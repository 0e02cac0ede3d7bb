import type { ApiKeysSchema } from '../../src/business/api-keys/api-keys-schema.ts';
import { createApiKeyVerifier } from '../../src/business/api-keys/create-api-key-verifier.ts';
import { createApiKeys } from '../../src/business/api-keys/create-api-keys.ts';
import { createRepository } from '../../src/business/create-repository.ts';
import type { RepositoryHandle } from '../../src/business/repository.ts';
import { createSearchHistory } from '../../src/business/search-history/search-history.ts';
import type { SearchHistorySchema } from '../../src/business/search-history/search-history-schema.ts';
import { createSearchRecorder } from '../../src/business/search-history/search-recorder.ts';
import { localAuth } from '../../src/business/sign-in/create-local-auth.ts';
import type { SignInSchema } from '../../src/business/sign-in/sign-in-schema.ts';
import type { Trip } from '../../src/business/trips/trip.ts';
import { createTrips } from '../../src/business/trips/trips.ts';
import type { TripsSchema } from '../../src/business/trips/trips-schema.ts';
import { createUsers } from '../../src/business/users/users.ts';
import type { UsersSchema } from '../../src/business/users/users-schema.ts';
import type { DatabaseHandle } from '../../src/consolidated/typed/database-handle.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { LargeNumbersAsText } from '../../src/consolidated/typed/large-numbers.ts';
import type { Overrides } from '../../src/consolidated/typed/overrides.ts';
import type { Database as Generated } from '../support/database.generated.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database as Other } from './sample-database.ts';

type Public = Generated['public'];
/** A column of another type, and one that every insert must name. */
type Changed<Row, Insert> = {
  public: Omit<Public, 'Tables'> & {
    Tables: Omit<Public['Tables'], 'trips'> & {
      trips: {
        Row: Omit<Public['Tables']['trips']['Row'], keyof Row> & Row;
        Insert: Public['Tables']['trips']['Insert'] & Insert;
        Update: Public['Tables']['trips']['Update'];
      };
    };
  };
};
type None = Record<never, never>;
type TripId = string & { readonly of: 'trip' };
type Exact = Overrides<
  Generated,
  { public: { Tables: { trips: { id: TripId; metadata: { stops: { city: string }[] } } } } }
>;

declare const db: ConsolidatedDatabaseService<Generated>;
declare const mine: DatabaseHandle<Generated>;
declare const ofTable: RepositoryHandle<Public>;
declare const untyped: ConsolidatedDatabaseService;
declare const exact: ConsolidatedDatabaseService<Exact>;
declare const more: ConsolidatedDatabaseService<Changed<{ tenant: string }, { tenant?: string }>>;
declare const other: ConsolidatedDatabaseService<Other>;
declare const retyped: ConsolidatedDatabaseService<Changed<{ title: number }, None>>;
declare const required: ConsolidatedDatabaseService<Changed<{ tenant: string }, { tenant: string }>>;
declare const without: ConsolidatedDatabaseService<{
  public: Omit<Public, 'Functions'> & { Functions: None };
}>;
declare const large: ConsolidatedDatabaseService<LargeNumbersAsText<Generated>>;

export async function everyHandleOfTheDomain(): Promise<void> {
  const trips = createTrips(db);
  createTrips(mine);
  createTrips(db.withToken('t'));
  createTrips(ofTable);
  createTrips(untyped);
  createTrips(exact);
  createTrips(more);
  await db.transaction(async (tx) => {
    trips.with(tx);
    await tx.transaction(async (inner) => createTrips(inner).get('t'));
  });
  await createRepository(db, 'profiles').withTransaction(async (_, tx) => createTrips(tx).get('t'));
  const trip = await trips.get('t');
  type _Trip = Expect<Equal<typeof trip, Trip>>;
  const kept = await trips.find('t', { cache: true });
  type _Title = Expect<Equal<NonNullable<typeof kept>['title'], string>>;
  // @ts-expect-error what is kept is frozen
  kept?.tags.push('sea');
}

export function noOtherHandle(): void {
  // @ts-expect-error the schema has other trips
  createTrips(other);
  // @ts-expect-error the schema has no trips
  createTrips(other.schema('billing'));
  // @ts-expect-error a title is text
  createTrips(retyped);
  // @ts-expect-error an insert must name a column that the module does not know
  createTrips(required);
  // @ts-expect-error the schema has no such function
  createTrips(without);
  // @ts-expect-error numbers may be text
  createTrips(large);
  // @ts-expect-error the schema of a transaction is held to the same
  createTrips(db).with(other);
}

export async function theOtherModules(): Promise<void> {
  const users = createUsers(mine);
  const history = createSearchHistory(untyped);
  createSearchRecorder(db);
  createSearchRecorder(mine);
  createSearchRecorder(untyped);
  await db.transaction(async (tx) => {
    users.with(tx);
    history.with(tx);
    // @ts-expect-error a transaction acts as nobody else
    createSearchRecorder(tx);
  });
  // @ts-expect-error the schema has other profiles
  createUsers(other);
  // @ts-expect-error the schema has no searches
  createSearchHistory(other);
  // @ts-expect-error the schema has no searches
  createSearchRecorder(other);
}

export async function inputs(): Promise<void> {
  const trips = createTrips(db);
  // @ts-expect-error a trip has a title
  await trips.create({ description: 'x' });
  // @ts-expect-error a trip is cancelled by its own method
  await trips.change('t', { status: 'cancelled' });
  // @ts-expect-error an owner stays
  await trips.change('t', { owner_id: 'u' });
  // @ts-expect-error no such role
  await trips.share('t', 'u', 'owner');
  // @ts-expect-error one of both
  await trips.alike({ id: 't', vector: [1] });
  // @ts-expect-error one of both
  await trips.alike({});
  // @ts-expect-error a profile has a username
  await createUsers(db).create({ id: 'u', email: 'e' });
  // @ts-expect-error a moment
  await createSearchHistory(db).popular({ since: 7 });
}

export async function handlesOfApiKeysAndSignIn(): Promise<void> {
  createApiKeys(mine);
  createApiKeyVerifier(db);
  localAuth({ db, jwt: {} });
  // @ts-expect-error the schema has other keys
  createApiKeys(other);
  // @ts-expect-error the schema has no such function
  createApiKeyVerifier(without);
  // @ts-expect-error the schema has no passwords
  localAuth({ db: other, jwt: {} });
  await db.transaction(async (tx) => {
    createApiKeys(tx);
    // @ts-expect-error a transaction cannot listen
    createApiKeyVerifier(tx);
  });
}

/** The modules state the schema by hand: what the generator makes of the migrations must be the same. */
type Same<Needed, Made> = {
  [Name in keyof Needed]: Name extends keyof Made ? SameShapes<Needed[Name], Made[Name]> : false;
}[keyof Needed];
type SameShapes<Needed, Made> = Needed extends { Row: infer Row; Insert: infer Insert; Update: infer Update }
  ? Made extends { Row: infer MadeRow; Insert: infer MadeInsert; Update: infer MadeUpdate }
    ? AllTrue<
        [
          Equal<keyof Row, keyof MadeRow>,
          Mutual<Row, MadeRow>,
          Mutual<Insert, MadeInsert>,
          Mutual<Update, MadeUpdate>,
        ]
      >
    : false
  : false;
type AllTrue<Checks extends readonly boolean[]> = Checks extends readonly true[] ? true : false;
type Mutual<A, B> = A extends B ? (B extends A ? true : false) : false;

export type Checked = [
  Expect<Same<TripsSchema['Tables'], Public['Tables']>>,
  Expect<Same<UsersSchema['Tables'], Public['Tables']>>,
  Expect<Same<SearchHistorySchema['Tables'], Public['Tables']>>,
  Expect<Same<ApiKeysSchema['Tables'], Public['Tables']>>,
  Expect<Same<SignInSchema['Tables'], Public['Tables']>>,
];
