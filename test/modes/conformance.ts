import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallLimits, ConnectionMode, ModeName } from '../../src/contract/mode.ts';
import type { Statement } from '../../src/contract/statement.ts';
import { ANNA, anonymousActor, BORIS, statement, textRows, userActor } from './plans.ts';

export interface Subject {
  readonly mode: ConnectionMode;
  /** Statements run in this thread: nothing else happens meanwhile. */
  readonly inThisThread?: true;
  /** Another instance over the same database, for tests that close it or need a small pool. */
  another(pool?: { readonly max?: number; readonly maxWaiting?: number }): ConnectionMode;
  close(): Promise<void>;
}

/** For statements that are ended: longer than any machine takes to do so. How late a call may settle is for the tests of deadlines. */
const SLEEP_S = 10;

const anna = userActor(ANNA);
const boris = userActor(BORIS);
const ownNotes = statement('select body from public.notes order by id', { columns: 1 });
const whoAmI = statement(
  `select auth.uid()::text, current_user::text, current_setting('TimeZone'), current_setting('search_path'), current_setting('transaction_read_only')`,
  { columns: 5 },
);

export function limits(ms = 5_000, more: Partial<CallLimits> = {}): CallLimits {
  return { deadline: performance.now() + ms, signal: undefined, maxRows: 1_000, maxBytes: 1 << 20, ...more };
}

/** What every mode does. A mode that cannot do a thing must refuse it by `UNSUPPORTED`. */
export function describeMode(name: ModeName, open: () => Promise<Subject>, how = ''): void {
  describe(`the mode ${name}${how}`, () => {
    let subject: Subject;
    let mode: ConnectionMode;
    beforeAll(async () => {
      subject = await open();
      mode = subject.mode;
    });
    afterAll(() => subject?.close());

    const read = (one: Statement, actor = anna, more?: CallLimits) =>
      mode.run({ actor, access: 'read', statements: [one], statementTimeoutMs: 0 }, more ?? limits());
    const write = (statements: readonly Statement[], actor = anna, more?: CallLimits) =>
      mode.run({ actor, access: 'write', statements, statementTimeoutMs: 0 }, more ?? limits());
    const insert = (body: string) =>
      statement('insert into public.notes (body) values ($1) returning body', {
        columns: 1,
        values: [body],
        intent: 'write',
      });
    const callers = (text: string, columns = 1) => statement(text, { columns, origin: 'raw' });

    it('runs a statement as its caller, under the pinned settings', async () => {
      const [reply] = await read(whoAmI);
      expect(textRows(reply)).toEqual([
        [ANNA, 'authenticated', 'UTC', '"public", "extensions", pg_temp', 'on'],
      ]);
    });

    it('shows each user the own rows only, also when users take turns', async () => {
      for (let i = 0; i < 10; i++) {
        expect(textRows((await read(ownNotes, anna))[0])).toEqual([['anna 1'], ['anna 2']]);
        expect(textRows((await read(ownNotes, boris))[0])).toEqual([['boris 1']]);
      }
    });

    it('refuses what the role may not do', async () => {
      await expect(read(ownNotes, anonymousActor)).rejects.toMatchObject({
        name: 'AuthorizationError',
        outcome: 'not-applied',
      });
      await expect(read(ownNotes, { ...anna, role: 'no_such_role' })).rejects.toMatchObject({
        outcome: 'not-applied',
      });
      await expect(
        write([
          statement(`insert into public.notes (owner, body) values ('${BORIS}', 'x') returning body`, {
            columns: 1,
            intent: 'write',
          }),
        ]),
      ).rejects.toMatchObject({ name: 'AuthorizationError', sqlState: '42501' });
    });

    it('forgets the identity after an error', async () => {
      await expect(read(statement('select 1/0', { columns: 1 }))).rejects.toMatchObject({
        sqlState: '22012',
      });
      expect(textRows((await read(whoAmI, boris))[0])[0]?.[0]).toBe(BORIS);
    });

    it('refuses a read that writes', async () => {
      await expect(
        read({ ...insert('never'), plan: { ...insert('never').plan, intent: 'read' } }),
      ).rejects.toMatchObject({
        name: 'UsageError',
        code: 'READ_ONLY',
      });
    });

    it('applies all statements of a batch or none', async () => {
      const replies = await write([insert('batch 1'), insert('batch 2')]);
      expect(replies.map(textRows)).toEqual([[['batch 1']], [['batch 2']]]);
      await expect(write([insert('batch 3'), insert('batch 1')])).rejects.toMatchObject({
        name: 'UniqueConstraintError',
        constraint: 'notes_body_key',
      });
      await write([
        statement(`delete from public.notes where body like 'batch%' returning body`, {
          columns: 1,
          intent: 'write',
        }),
      ]).then(([reply]) => expect(textRows(reply)).toEqual([['batch 1'], ['batch 2']]));
    });

    it('answers empty, null and long values byte for byte', async () => {
      const values = ['', null, 'Z\0\0\0'.replaceAll('\0', ''), `😀"'\\\n\t`, 'x'.repeat(300_000)];
      const echo = statement('select $1::text, $2::text, $3::text, $4::text, $5::text', {
        columns: 5,
        values,
      });
      expect(textRows((await read(echo))[0])).toEqual([values]);
    });

    it('refuses characters that Postgres cannot store before it sends anything', async () => {
      for (const value of ['a\0b', '\ud800']) {
        const echo = statement('select $1::text', { columns: 1, values: [value] });
        await expect(read(echo)).rejects.toMatchObject({ code: 'UNSENDABLE_VALUE', outcome: 'not-applied' });
      }
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('keeps what SQL of the caller leaves behind from the next caller', async () => {
      await write([
        callers(
          `select concat(set_config('request.jwt.claim.sub', '${BORIS}', false), set_config('TimeZone', 'Asia/Tokyo', false), set_config('search_path', 'pg_catalog', false))`,
        ),
      ]);
      expect(textRows((await read(whoAmI))[0])[0]?.slice(0, 4)).toEqual([
        ANNA,
        'authenticated',
        'UTC',
        '"public", "extensions", pg_temp',
      ]);
    });

    it('ends at the cap of bytes, and works on', async () => {
      const wide = statement(`select repeat('x', 3000000)`, { columns: 1 });
      await expect(read(wide)).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE', outcome: 'not-applied' });
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('learns the columns of a statement without running it', async () => {
      const fields = await mode.describe(
        {
          actor: anna,
          access: 'read',
          statements: [callers('select 1::int8 as big, body from public.notes', 2)],
          statementTimeoutMs: 0,
        },
        limits(),
      );
      expect(fields).toEqual([
        { name: 'big', type: 20 },
        { name: 'body', type: 25 },
      ]);
    });

    it('sends nothing for a call that is aborted already', async () => {
      const signal = AbortSignal.abort(new Error('gone'));
      await expect(write([insert('aborted')], anna, limits(1_000, { signal }))).rejects.toMatchObject({
        code: 'ABORTED',
        outcome: 'not-applied',
      });
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('settles by the deadline, and works on', async () => {
      const sleep = (seconds: number) => statement(`select pg_sleep(${seconds})::text`, { columns: 1 });
      if (subject.inThisThread) {
        // The statement ends before any timer can fire.
        expect(textRows((await read(sleep(1.5), anna, limits(1_000)))[0])).toHaveLength(1);
        return;
      }
      const startedAt = performance.now();
      const seconds = mode.capabilities.cancel ? SLEEP_S : 3;
      await expect(read(sleep(seconds), anna, limits(200))).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(performance.now() - startedAt).toBeLessThan(seconds * 1_000 - 500);
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('ends a running statement when the call is aborted, and knows that nothing was applied', async () => {
      const controller = new AbortController();
      const seconds = mode.capabilities.cancel ? SLEEP_S : 1.5;
      const sleep = statement(`select pg_sleep(${seconds})::text`, { columns: 1, intent: 'read' });
      // The lock tells that the batch runs.
      const lock = statement('select pg_advisory_xact_lock(4243)::text', { columns: 1 });
      const running = write([lock, sleep], anna, limits(SLEEP_S * 1_000, { signal: controller.signal }));
      if (!mode.capabilities.cancel) {
        controller.abort();
        await expect(running).rejects.toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
        expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
        return;
      }
      const locks = statement(
        `select count(*)::text from pg_locks where locktype = 'advisory' and objid = 4243 and granted
           and database = (select oid from pg_database where datname = current_database())`,
        { columns: 1 },
      );
      await expect.poll(async () => textRows((await read(locks))[0])).toEqual([['1']]);
      controller.abort();
      await expect(running).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('does not mind an abort that comes after the answer', async () => {
      const controller = new AbortController();
      await read(ownNotes, anna, limits(1_000, { signal: controller.signal }));
      controller.abort();
      expect(textRows((await read(ownNotes))[0])).toHaveLength(2);
    });

    it('lets callers wait in turn, and refuses those whom the queue does not hold', async () => {
      const small = subject.another({ max: 1, maxWaiting: 1 });
      const slow = statement(`select pg_sleep(0.2)::text`, { columns: 1 });
      const run = (one: Statement) =>
        small.run({ actor: anna, access: 'read', statements: [one], statementTimeoutMs: 0 }, limits());
      await run(ownNotes);
      const order: string[] = [];
      const first = run(slow).then(() => order.push('first'));
      const second = run(ownNotes).then(() => order.push('second'));
      await expect(run(ownNotes)).rejects.toMatchObject({ name: 'OverloadedError', code: 'QUEUE_FULL' });
      await Promise.all([first, second]);
      expect(order).toEqual(['first', 'second']);
      await small.close(1_000);
    });

    it('refuses calls after it was closed, and lets running ones end', async () => {
      const other = subject.another();
      const running = other.run(
        {
          actor: anna,
          access: 'read',
          statements: [statement('select pg_sleep(0.1)::text', { columns: 1 })],
          statementTimeoutMs: 0,
        },
        limits(),
      );
      const closing = other.close(3_000);
      await expect(
        other.run({ actor: anna, access: 'read', statements: [ownNotes], statementTimeoutMs: 0 }, limits()),
      ).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
      await Promise.all([
        running.catch((error: unknown) => expect(error).toMatchObject({ code: 'SERVICE_CLOSED' })),
        closing,
      ]);
    });

    describe('interactive transactions', () => {
      const begin = {
        actor: anna,
        access: 'write',
        isolation: 'read committed',
        statementTimeoutMs: 0,
      } as const;

      it('commit what was done, as the caller', async () => {
        if (!mode.capabilities.pinned) {
          await expect(mode.withTransaction(begin, limits(), async () => 1)).rejects.toMatchObject({
            code: 'UNSUPPORTED',
          });
          return;
        }
        const seen = await mode.withTransaction(begin, limits(), async (tx) => {
          await tx.run([insert('tx 1')], limits());
          return textRows((await tx.run([whoAmI], limits()))[0])[0];
        });
        expect(seen?.slice(0, 2)).toEqual([ANNA, 'authenticated']);
        const [gone] = await write([
          statement(`delete from public.notes where body = 'tx 1' returning body`, {
            columns: 1,
            intent: 'write',
          }),
        ]);
        expect(textRows(gone)).toEqual([['tx 1']]);
      });

      it('roll back when the work throws', async () => {
        if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
        await expect(
          mode.withTransaction(begin, limits(), async (tx) => {
            await tx.run([insert('tx 2')], limits());
            throw new Error('changed my mind');
          }),
        ).rejects.toThrow('changed my mind');
        expect(textRows((await read(ownNotes))[0])).toEqual([['anna 1'], ['anna 2']]);
      });

      it('say so when COMMIT was answered by ROLLBACK', async () => {
        if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
        await expect(
          mode.withTransaction(begin, limits(), async (tx) => {
            await tx.run([insert('anna 1')], limits()).catch(() => 'swallowed');
          }),
        ).rejects.toMatchObject({ code: 'ROLLED_BACK' });
      });

      it("run nothing after SQL of the caller's own has ended them", async () => {
        if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
        await expect(
          mode.withTransaction(begin, limits(), async (tx) => {
            await tx.run([callers('commit')], limits()).catch(() => 'swallowed');
            await tx.run([insert('outside')], limits());
          }),
        ).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
        expect(textRows((await read(ownNotes))[0])).toEqual([['anna 1'], ['anna 2']]);
      });

      it.each(['commit and chain', 'rollback and chain', 'begin'])(
        'run nothing after raw SQL in them answered with the tag of `%s`',
        async (control) => {
          if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
          const shown: unknown[] = [];
          await expect(
            mode.withTransaction(begin, limits(), async (tx) => {
              await expect(tx.run([callers(control)], limits())).rejects.toMatchObject({
                code: 'TRANSACTION_ENDED',
                outcome: 'unknown',
              });
              shown.push(await tx.run([whoAmI], limits()).catch(() => 'refused'));
            }),
          ).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
          expect(shown).toEqual(['refused']);
          expect(textRows((await read(ownNotes))[0])).toEqual([['anna 1'], ['anna 2']]);
        },
      );

      it('undo to a savepoint', async () => {
        if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
        await mode.withTransaction(begin, limits(), async (tx) => {
          await tx.command('savepoint here', limits());
          await expect(tx.run([insert('anna 1')], limits())).rejects.toMatchObject({
            code: 'UNIQUE_VIOLATION',
          });
          await tx.command('rollback to savepoint here', limits());
          expect(textRows((await tx.run([ownNotes], limits()))[0])).toHaveLength(2);
        });
      });

      it('act as another one from then on, also behind raw SQL, and not for a token that has expired', async () => {
        if (!mode.capabilities.pinned) return expect(mode.capabilities.pinned).toBe(false);
        await mode.withTransaction(begin, limits(), async (tx) => {
          await tx.actAs({ ...begin, actor: boris, access: 'read' }, limits());
          await tx.run([callers("select set_config('request.jwt.claims', '{}', true)")], limits());
          expect(textRows((await tx.run([whoAmI], limits()))[0])).toEqual([
            [BORIS, 'authenticated', 'UTC', '"public", "extensions", pg_temp', 'on'],
          ]);
          const expired = { ...begin, actor: { ...anna, expiresAt: 1 } };
          await expect(tx.actAs(expired, limits())).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
          expect(textRows((await tx.run([ownNotes], limits()))[0])).toEqual([['boris 1']]);
        });
      });
    });
  });
}
