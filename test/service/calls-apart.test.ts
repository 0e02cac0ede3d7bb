import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  path,
  type TransactionHandle,
  user,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

const ME = '00000000-0000-4000-8000-00000000000a';
const SQL = `
  create table public.notes (id int primary key, body text unique, meta jsonb, vec extensions.vector(2));
  grant all on public.notes to authenticated;
`;

describe('one call leaves the others alone', () => {
  let pglite: Awaited<ReturnType<typeof createEmbeddedDatabase>>;
  let db: ConsolidatedDatabaseService;
  const events: CallEvent[] = [];
  const warnings: string[] = [];
  const mine = () => db.as(user({ sub: ME }));
  const ids = async () => (await mine().select('notes', { orderBy: 'id' })).map(({ id }) => id);

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ sql: SQL });
    db = createDatabaseService({
      embedded: { pglite },
      onWarning: (message) => void warnings.push(message),
      onCall: (event) => {
        events.push(event);
        if (event.kind === 'notify') throw new Error('a listener that throws');
      },
    });
  });
  afterAll(async () => {
    await db.close();
    await pglite.close();
  });

  it('a nested transaction that fails takes nothing back of the one beside it', async () => {
    await mine().transaction(async (tx) => {
      const results = await Promise.allSettled([
        tx.transaction(async (inner) => {
          await inner.insert('notes', { id: 1 });
          throw new Error('undone');
        }),
        tx.transaction((inner) => inner.insert('notes', { id: 2 })),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    });
    expect(await ids()).toEqual([2]);
    await mine().delete('notes', { all: true });
  });

  it('a transaction is refused while one within it is open, and that one when it has ended', async () => {
    let escaped: TransactionHandle | undefined;
    await mine().transaction(async (tx) => {
      let refusal: unknown;
      const undone = tx.transaction(async (inner) => {
        escaped = inner;
        refusal = await tx.insert('notes', { id: 3 }).catch((error: unknown) => error);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(refusal).toMatchObject({ code: 'NESTED_TRANSACTION_OPEN' });
      await expect(escaped?.insert('notes', { id: 4 })).rejects.toMatchObject({ code: 'TRANSACTION_ENDED' });
      await tx.insert('notes', { id: 5 });
    });
    expect(await ids()).toEqual([5]);
    await mine().delete('notes', { all: true });
  });

  it('a transaction whose work rests ends at its deadline, and commits nothing afterwards', async () => {
    const rest = Promise.withResolvers<void>();
    const work = mine().transaction(
      async (tx) => {
        await tx.insert('notes', { id: 6 });
        await rest.promise;
      },
      { timeoutMs: 150 },
    );
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError', outcome: 'not-applied' });
    rest.resolve();
    expect(await ids()).toEqual([]);
  });

  it('a name that is missing does not make a transaction wait for another connection', async () => {
    await mine().transaction(async (tx) => {
      await expect(tx.select('nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_RELATION' });
      await tx.insert('notes', { id: 7 });
    });
    expect(await ids()).toEqual([7]);
    await mine().delete('notes', { all: true });
  });

  it('json paths of one text and two names are two columns', async () => {
    await mine().insert('notes', { id: 8, meta: { a: 'A', b: 'B' } });
    // The types do not know what a path is called.
    const columns = (step: string) => ({ columns: [path('meta', step)] }) as never;
    expect(await mine().select('notes', columns('a'))).toEqual([{ a: 'A' }]);
    expect(await mine().select('notes', columns('b'))).toEqual([{ b: 'B' }]);
    await mine().delete('notes', { all: true });
  });

  it('many vector searches in one batch take the candidates of the one that wants most', async () => {
    await mine().insert('notes', { id: 9, vec: [1, 0] });
    const searches = Array.from({ length: 60 }, (_, i) =>
      mine().build.vectorSearch('notes', { vector: [1, 0], columns: ['id'], efSearch: 40 + i }),
    );
    const results = await mine().batch(searches);
    expect(results).toHaveLength(60);
    expect(results[0]).toEqual([{ id: 9, similarity: 1 }]);
    await mine().delete('notes', { all: true });
  });

  it('a listener of calls that throws does not fail the call', async () => {
    await expect(mine().notify('anything', 'x')).resolves.toBeUndefined();
    expect(events.at(-1)).toMatchObject({ kind: 'notify', errorCode: undefined });
    expect(warnings.join()).toContain('a listener that throws');
  });

  it('an aborted call leaves no failure behind that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const signed = createDatabaseService({ embedded: { pglite }, jwt: { secret: 'x'.repeat(32) } });
    await expect(
      signed.withToken('not a token').select('notes', { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    await signed.close();
    expect(unhandled).toEqual([]);
  });
});
