import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallLimits, ConnectionMode, StatementReply } from '../../src/contract/mode.ts';
import { openMode } from '../hostile/open-mode.ts';
import { eventually, refusal, type Settled, settle } from '../hostile/settle.ts';
import { ANNA, BORIS, NOTES_SQL, statement, textRows, userActor } from '../modes/plans.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { dropSetUp, failSetUp, hollowSetUp } from '../support/network/batch-rewrites.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { HostilePooler } from '../support/network/hostile-pooler.ts';
import { SetUpSwap } from './set-up-swap.ts';

const ownNotes = statement('select owner::text, body from public.notes', { columns: 2 });
const aNote = (body: string) =>
  statement('insert into public.notes (body) values ($1) returning body', {
    columns: 1,
    values: [body],
    intent: 'write',
  });

/** Every batch goes to the server, and nothing on the way gives the set-up as it was sent. */
const BROKEN = [
  ['made to fail', failSetUp],
  ['dropped', dropSetUp],
  ['answered without being done', hollowSetUp],
] as const;

/** Whose notes were shown, each once. What was refused shows none. */
function ownersIn(settled: Settled<readonly StatementReply[]>): unknown[] {
  const rows = settled.how === 'answered' ? textRows(settled.value[0]) : [];
  return [...new Set(rows.map(([owner]) => owner))];
}

describeFullStack('with a set-up that does not take effect', () => {
  let database: TestDatabase;
  let pooler: HostilePooler;
  let url: string;
  const modes: ConnectionMode[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
    const { address, login } = readConnectionUrl(database.user.direct);
    pooler = new HostilePooler({
      upstream: address,
      logins: { [login.user]: login.password },
      serverConnections: 1,
    });
    url = throughAddress(database.user.direct, await pooler.start());
  });
  afterEach(async () => {
    pooler.setHook(undefined);
    await Promise.all(modes.splice(0).map((mode) => mode.close(0)));
    await freshServer();
  });
  afterAll(async () => {
    await pooler.stop();
    await database.drop();
  });

  function open(name: 'transaction' | 'session' | 'direct'): ConnectionMode {
    const mode = openMode(name, url, { pool: { max: 1 } });
    modes.push(mode);
    return mode;
  }

  /** The named statements of a connection that was given up would stand in the way of the next one's. */
  async function freshServer(): Promise<void> {
    pooler.dropBackends();
    await eventually('the server connections are gone', () => pooler.serverConnections === 0);
  }

  const read = (mode: ConnectionMode, limits: CallLimits, actor = userActor(ANNA)) =>
    mode.run({ actor, access: 'read', statements: [ownNotes], statementTimeoutMs: 0 }, limits);
  const write = (mode: ConnectionMode, body: string, limits: CallLimits, actor = userActor(ANNA)) =>
    mode.run({ actor, access: 'write', statements: [aNote(body)], statementTimeoutMs: 0 }, limits);
  const notesNamed = (body: string) => database.query('select 1 from notes where body = $1', [body]);

  describe.each(['transaction', 'session', 'direct'] as const)('in %s mode', (name) => {
    it.each(BROKEN)('no statement returns rows or changes any: set-up %s', async (how, hook) => {
      const mode = open(name);
      pooler.setHook(hook());
      refusal(await settle(5_000, (limits) => read(mode, limits)));
      const body = `${name}, ${how}`;
      refusal(await settle(5_000, (limits) => write(mode, body, limits)));
      expect(await notesNamed(body)).toEqual([]);
      const begin = {
        actor: userActor(ANNA),
        access: 'write',
        isolation: 'read committed',
        statementTimeoutMs: 0,
      } as const;
      let shown: unknown;
      refusal(
        await settle(5_000, (limits) =>
          mode.withTransaction(begin, limits, async (tx) => {
            shown = await tx.run([ownNotes], limits);
          }),
        ),
      );
      expect(shown).toBeUndefined();
    });

    it('works again once the set-up passes, as itself', async () => {
      const mode = open(name);
      for (const [, hook] of BROKEN) {
        pooler.setHook(hook());
        refusal(await settle(5_000, (limits) => read(mode, limits)));
        await freshServer();
      }
      pooler.setHook(undefined);
      expect(ownersIn(await settle(5_000, (limits) => read(mode, limits, userActor(BORIS))))).toEqual([
        BORIS,
      ]);
    });

    it("returns no row by another user's set-up, and says of a write that nobody knows", async () => {
      const mode = open(name);
      await settle(5_000, (limits) => read(mode, limits, userActor(BORIS)));
      const swap = new SetUpSwap();
      pooler.setHook(swap.hook);
      await settle(5_000, (limits) => read(mode, limits, userActor(BORIS)));
      for (let i = 0; i < 4; i++) {
        const reading = refusal(await settle(5_000, (limits) => read(mode, limits)));
        await freshServer();
        const writing = refusal(await settle(5_000, (limits) => write(mode, `${name} ${i}`, limits)));
        expect([reading.outcome, writing.outcome]).toEqual(['not-applied', 'unknown']);
        await freshServer();
      }
      expect(swap.swapped).toBeGreaterThanOrEqual(8);
    });

    it("would take another's rows for its own if the set-up did not have to answer with the nonce", async () => {
      const mode = open(name);
      const swap = new SetUpSwap({ keepsNonce: true });
      pooler.setHook(swap.hook);
      await settle(5_000, (limits) => read(mode, limits, userActor(BORIS)));
      expect(ownersIn(await settle(5_000, (limits) => read(mode, limits, userActor(ANNA))))).toEqual([BORIS]);
    });
  });
});
