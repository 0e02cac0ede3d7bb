import type { CaseName, ContenderName, SuiteClient, TripRow } from './contender.ts';
import type { Questions } from './world.ts';

/**
 * Speed without row level security does not count: throws unless the contender reads a user's own rows, none of a stranger's,
 * and the case that is measured answers with what it should.
 */
export async function proveOwnRowsOnly(
  name: ContenderName,
  measured: CaseName,
  client: SuiteClient,
  questions: Questions,
): Promise<void> {
  const own = questions.trip(0);
  const { person } = own;
  const prove = (what: string, rows: readonly TripRow[], atLeast: number): void => {
    const foreign = rows.filter((row) => row.user_id !== person.sub).length;
    if (foreign > 0 || rows.length < atLeast) {
      throw new Error(
        `${name} got ${rows.length} rows, ${foreign} of them foreign, when ${what}. At least ${atLeast} are its own.`,
      );
    }
  };
  prove('reading its own trip', await client.select(own), 1);
  const foreign = await client.select(questions.foreignTrip(0));
  if (foreign.length > 0) throw new Error(`${name} read another user's trip.`);
  const proofs: Partial<Record<CaseName, () => Promise<void>>> = {
    'select-again': async () => {
      for (let n = 0; n < 2; n++) prove('reading again', await client.selectAgain(own), 1);
      if ((await client.selectAgain(questions.foreignTrip(0))).length > 0) {
        throw new Error(`${name} read another user's trip from memory.`);
      }
    },
    list: async () => prove('listing', await client.list(person), 1),
    insert: async () => prove('inserting', await client.insert(person, 'proof'), 1),
    'bulk-insert': async () => expectNumber(name, await client.bulkInsert(person, ['one', 'two']), 2),
    'vector-search': async () =>
      expectNumber(name, (await client.vectorSearch(person, questions.vector(0))).length, 10),
    rpc: async () => expectNumber(name, Math.min(1, await client.rpc(person)), 1),
    transaction: async () => prove('changing in a transaction', await client.transaction(own, 'proof'), 1),
    page: async () => prove('making a page', await client.page({ ...own, vector: questions.vector(0) }), 2),
  };
  await proofs[measured]?.();
}

function expectNumber(name: ContenderName, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${name} answered with ${found} where ${wanted} was right.`);
}
