import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../hostile/settle.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl } from '../support/network/connection-url.ts';
import { LEAK_NAMES } from '../support/network/leaks.ts';
import { LeakyNeighbour } from '../support/network/leaky-neighbour.ts';
import { frontend } from '../support/network/protocol-messages.ts';
import { firstColumn, RawClient, statement } from '../support/network/raw-client.ts';
import { SEED } from './seed.ts';
import { soakSql, subjectOf } from './soak-database.ts';
import { faultsOf } from './soak-faults.ts';
import { type Aftermath, crowded, playScene, type SceneOptions } from './soak-scene.ts';

const SCENES = [
  { mode: 'transaction', neighbours: 'another', statements: 4_000 },
  { mode: 'transaction', neighbours: 'the same', statements: 2_000 },
  { mode: 'session', neighbours: 'another', statements: 2_000 },
  { mode: 'session', neighbours: 'the same', statements: 1_500 },
] as const satisfies readonly Partial<SceneOptions>[];

describeFullStack('fifty users over fewer connections than callers', () => {
  it.each(SCENES)(
    `see their own rows only ($statements statements in $mode mode, neighbours on $neighbours login, seed ${SEED})`,
    async (scene) => {
      const aftermath = await playScene({ ...scene, seed: SEED, ...crowded(scene.mode) });
      expect(faultsOf(aftermath)).toEqual([]);
      expectRealWork(aftermath, scene.statements);
      const { mode, neighbours } = scene;
      const { connections } = crowded(mode);
      expect(aftermath.answeredAfterwards).toBe(connections);
      expect(aftermath.openAfterCalls).toBeLessThanOrEqual(connections);
      // Nothing that a neighbour leaves behind reaches a caller, save a stricter isolation level that two writes met in.
      const tolerated = neighbours === 'the same' ? ['SERIALIZATION_FAILURE not-applied'] : [];
      expect(Object.keys(aftermath.tally.unexpected).filter((error) => !tolerated.includes(error))).toEqual(
        [],
      );
    },
    120_000,
  );
});

/** Without all that was to be mixed in, no fault would mean nothing. */
function expectRealWork({ tally, neighbours, wire }: Aftermath, statements: number): void {
  expect(tally.answered).toBeGreaterThan(statements / 2);
  expect(tally.rows).toBeGreaterThan(statements * 5);
  for (const code of ['TIMEOUT', 'ABORTED', 'FORBIDDEN', 'RAISED', 'INVALID_VALUE']) {
    expect(tally.expected[code], code).toBeGreaterThan(0);
  }
  expect(wire.cancels).toBeGreaterThan(0);
  expect(LEAK_NAMES.filter((name) => neighbours.left[name] > 0).length).toBeGreaterThan(10);
}

describeFullStack('a neighbour on the pooler in transaction mode', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: soakSql(2) });
  });
  afterAll(() => database.drop());

  it('makes a program without the guards of this one act as another user', async () => {
    const subject = subjectOf(1);
    const neighbour = new LeakyNeighbour({
      url: database.user.transaction,
      subjects: [subject],
      leaks: ['jwtClaimSub', 'role'],
      roles: ['authenticated'],
    });
    await neighbour.start();
    const { address, login } = readConnectionUrl(database.user.transaction);
    const careless = await RawClient.logIn(address, login);
    let owners: readonly (string | null)[] = [];
    await eventually("a careless program is shown another's rows", async () => {
      owners = firstColumn(
        await careless.ask(statement('select distinct owner::text from public.notes'), frontend.sync()),
      );
      return owners.length > 0;
    });
    careless.close();
    await neighbour.stop();
    expect(owners).toEqual([subject]);
  });
});
