import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallLimits, ConnectionMode } from '../../src/contract/mode.ts';
import { ANNA, BORIS, NOTES_SQL, statement, textRows, userActor } from '../modes/plans.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { openMode, type SocketModeName } from './open-mode.ts';
import { eventually, refusal, settle } from './settle.ts';
import { nothingMayCrash } from './uncaught.ts';

const NAMES = ['direct', 'session', 'transaction'] as const;
const ownNotes = statement('select body from public.notes order by id', { columns: 1 });
const ownedNote = (body: string) =>
  statement('insert into public.notes (body) values ($1) returning body', {
    columns: 1,
    values: [body],
    intent: 'write',
  });
const ANNAS = [['anna 1'], ['anna 2']];

describeFullStack('over a network on a bad day', () => {
  nothingMayCrash();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: NOTES_SQL });
  });
  afterAll(() => database.drop());

  describe.each(NAMES)('the mode %s', (name) => {
    let proxy: FaultyProxy;
    let mode: ConnectionMode;

    beforeEach(async () => {
      ({ proxy, mode } = await open(name));
    });
    afterEach(async () => {
      proxy.heal();
      await mode.close(0);
      await eventually('all sockets are closed', () => proxy.openConnections === 0);
      await proxy.stop();
    });

    async function open(
      modeName: SocketModeName,
      max = 2,
    ): Promise<{ proxy: FaultyProxy; mode: ConnectionMode }> {
      const url = database.user[modeName];
      const opened = new FaultyProxy({ upstream: readConnectionUrl(url).address });
      const through = throughAddress(url, await opened.start());
      return { proxy: opened, mode: openMode(modeName, through, { pool: { max }, connectTimeoutMs: 1_500 }) };
    }

    const read = (limits: CallLimits) =>
      mode.run(
        { actor: userActor(ANNA), access: 'read', statements: [ownNotes], statementTimeoutMs: 0 },
        limits,
      );
    const write = (body: string) => (limits: CallLimits) =>
      mode.run(
        { actor: userActor(BORIS), access: 'write', statements: [ownedNote(body)], statementTimeoutMs: 0 },
        limits,
      );
    const isThere = async (body: string) =>
      (await database.query('select 1 from notes where body = $1', [body])).length === 1;

    async function answersAgain(): Promise<void> {
      let rows: unknown;
      await eventually('the mode answers again', async () => {
        const settled = await settle(2_000, read);
        rows = settled.how === 'answered' ? textRows(settled.value[0]) : undefined;
        return rows !== undefined;
      });
      expect(rows).toEqual(ANNAS);
    }

    it('settles every call when the network swallows all, and answers once it is back', async () => {
      await answersAgain();
      proxy.blackHole();
      const calls = Array.from({ length: 6 }, (_, i) =>
        i % 2 === 0 ? settle(300, read) : settle(300, write(`${name} black hole ${i}`)),
      );
      for (const settled of await Promise.all(calls)) {
        expect(['TIMEOUT', 'CONNECT_TIMEOUT']).toContain(refusal(settled).code);
      }
      proxy.heal();
      await answersAgain();
    });

    it('says of a write that it may be applied when its reply never came, and of a read that it was not', async () => {
      await answersAgain();
      proxy.blackHole('to-client');
      const reading = refusal(await settle(200, read));
      expect(reading).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT', outcome: 'not-applied' });
      proxy.heal();
      await answersAgain();
      proxy.blackHole('to-client');
      const body = `${name} without reply`;
      const writing = refusal(await settle(200, write(body)));
      expect(writing).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT', outcome: 'unknown' });
      await eventually('the write is applied', () => isThere(body));
    });

    it('answers when stalled bytes pass before the deadline', async () => {
      await answersAgain();
      proxy.stall('to-client');
      const reading = settle(3_000, read);
      await eventually('the batch is under way', () => proxy.counts.syncs === 2);
      proxy.heal();
      const settled = await reading;
      expect(settled).toMatchObject({ how: 'answered' });
    });

    it('knows that nothing is known when the connection is reset after the Sync of a write', async () => {
      await answersAgain();
      const struck = proxy.once({ at: 'after-sync' });
      const body = `${name} after sync`;
      const error = refusal(await settle(2_000, write(body)));
      await struck;
      expect(error).toMatchObject({
        name: 'OutcomeUnknownError',
        code: 'CONNECTION_LOST',
        outcome: 'unknown',
      });
      await eventually('the write is applied', () => isThere(body));
      await answersAgain();
    });

    it('knows that nothing changed when the connection is reset after the Sync of a read', async () => {
      await answersAgain();
      const struck = proxy.once({ at: 'after-sync' });
      const error = refusal(await settle(2_000, read));
      await struck;
      expect(error).toMatchObject({
        name: 'ConnectionError',
        code: 'CONNECTION_LOST',
        outcome: 'not-applied',
      });
      await answersAgain();
    });

    it('does not claim to know when the write was lost on its way', async () => {
      await answersAgain();
      const struck = proxy.once({ at: 'before-sync' });
      const body = `${name} before sync`;
      const error = refusal(await settle(2_000, write(body)));
      await struck;
      // From here a batch that got lost looks like one whose reply did.
      expect(error).toMatchObject({ name: 'OutcomeUnknownError', outcome: 'unknown' });
      expect(await isThere(body)).toBe(false);
      await answersAgain();
    });

    it.each([
      ['reset', 1],
      ['reset', 4],
      ['end', 2],
      ['end', 5],
    ] as const)('gives no part of a reply that ends by %s within its message %i', async (then, message) => {
      await answersAgain();
      const struck = proxy.once({ at: 'mid-reply', message, then });
      const error = refusal(await settle(2_000, read));
      await struck;
      expect(error).toMatchObject({ name: 'ConnectionError', code: 'CONNECTION_LOST' });
      await answersAgain();
    });

    it('notices the end of the stream, while idle and while busy', async () => {
      await answersAgain();
      proxy.halfClose('client');
      await eventually('the idle connection is given up', () => mode.stats().size === 0);
      await answersAgain();
      const sleeping = statement('select pg_sleep(10)::text', { columns: 1 });
      const running = settle(15_000, (limits) =>
        mode.run(
          { actor: userActor(ANNA), access: 'write', statements: [sleeping], statementTimeoutMs: 0 },
          limits,
        ),
      );
      const syncs = proxy.counts.syncs + 1;
      await eventually('the batch is under way', () => proxy.counts.syncs === syncs);
      proxy.halfClose('client');
      expect(refusal(await running)).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
      await answersAgain();
    });

    it('survives a reset of everything while many calls run', async () => {
      const calls = Array.from({ length: 20 }, () => settle(3_000, read));
      await eventually('calls are under way', () => proxy.counts.syncs >= 2);
      proxy.resetAll();
      for (const settled of await Promise.all(calls)) {
        if (settled.how === 'answered') expect(textRows(settled.value[0])).toEqual(ANNAS);
        else expect(refusal(settled)).toMatchObject({ outcome: 'not-applied' });
      }
      await answersAgain();
    });

    it('reads a reply that arrives byte by byte', async () => {
      proxy.drip(7, 1);
      const settled = await settle(8_000, read);
      expect(settled).toMatchObject({ how: 'answered' });
      if (settled.how === 'answered') expect(textRows(settled.value[0])).toEqual(ANNAS);
    });

    it('gives up in time on a reply that trickles', async () => {
      proxy.drip(1, 20);
      expect(['TIMEOUT', 'CONNECT_TIMEOUT']).toContain(refusal(await settle(300, read)).code);
    });

    it('starts while the database is down, fails fast and clearly, and recovers by itself', async () => {
      proxy.refuse();
      // Their deadline is beyond this test's own: who waited for it would be noticed.
      const settled = await Promise.all(Array.from({ length: 5 }, () => settle(120_000, write('never'))));
      for (const one of settled) {
        expect(refusal(one)).toMatchObject({
          name: 'ConnectionError',
          code: 'CONNECT_FAILED',
          outcome: 'not-applied',
          statusCode: 503,
          message: expect.stringContaining('ECONNREFUSED'),
        });
      }
      await proxy.accept();
      await answersAgain();
    });

    it('settles by the deadline when even the cancel is swallowed, and frees its place', async () => {
      await answersAgain();
      const struck = proxy.once({ at: 'cancel' });
      const lock = statement('select pg_sleep(1.2)::text', { columns: 1 });
      proxy.blackHole('to-client');
      const error = refusal(
        await settle(150, (limits) =>
          mode.run(
            { actor: userActor(ANNA), access: 'write', statements: [lock], statementTimeoutMs: 0 },
            limits,
          ),
        ),
      );
      expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
      await struck;
      proxy.heal();
      await eventually('the connection is destroyed', () => mode.stats().size === 0);
      await answersAgain();
    });

    it('writes each batch at once, never a Sync alone, never one more before the reply', async () => {
      const calls = Array.from({ length: 60 }, (_, i) =>
        i % 3 === 0 ? settle(5_000, write(`${name} wire ${i}`)) : settle(5_000, read),
      );
      for (const settled of await Promise.all(calls)) expect(settled).toMatchObject({ how: 'answered' });
      const { counts, batches } = proxy;
      expect(batches.length).toBe(60);
      expect(counts).toMatchObject({ bareSyncs: 0, queries: 0, maxSyncsOutstanding: 1, syncs: 60 });
      for (const batch of batches) {
        expect(batch).toMatchObject({ reads: 1, syncsOutstanding: 1 });
        // What leads, set-up, statement and what follows it, each bound and run, and one Sync behind them.
        expect(batch.letters).toMatch(/^(P?BE){2,3}(PD?)?BE(P?BE)?S$/);
      }
      const names = batches.flatMap((batch) => batch.names);
      if (name === 'transaction') expect(names).toEqual([]);
      // Each connection prepares the commands, the set-ups and the statements once; a direct one has another set-up in its
      // first batch.
      else expect(names.length).toBeLessThanOrEqual(counts.connections * (name === 'direct' ? 7 : 6));
    });
  });
});
