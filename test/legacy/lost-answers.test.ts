import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type LegacyDatabaseService, service, type UntypedDatabase } from '../../src/index.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { TwoSides } from './two-sides.ts';

describeFullStack('a legacy database whose answers are lost', () => {
  let sides: TwoSides;
  let db: LegacyDatabaseService<UntypedDatabase['public']>;

  beforeAll(async () => {
    sides = await TwoSides.open({
      sql: `create table notes (id int primary key, n int default 0); grant all on notes to service_role;
        create function bump() returns int language sql as $$ insert into notes values (default_id()) returning id $$;`.replace(
        'default_id()',
        '(select coalesce(max(id), 0) + 1 from notes)',
      ),
    });
    db = sides.legacy({ readFunctions: ['looks'] }).as(service());
  });
  afterEach(async () => {
    sides.api.failWith(undefined);
    sides.api.requests.length = 0;
    await sides.database.query('truncate notes');
  });
  afterAll(() => sides[Symbol.asyncDispose]());

  const ofWrites = (fault: 'refuse' | 'lose' | 'cut' | 'hang' | number) => (request: string) =>
    request.startsWith('GET') ? undefined : fault;
  const written = async () => (await sides.database.query('select id from notes')).length;

  it.each(['refuse', 'lose', 'cut'] as const)('does not know what became of a write: %s', async (fault) => {
    sides.api.failWith(ofWrites(fault));
    await expect(db.insert('notes', { id: 1 })).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
      outcome: 'unknown',
    });
    expect(await written()).toBe(fault === 'refuse' ? 0 : 1);
  });

  it('sends no write twice, whatever becomes of its answer', async () => {
    for (const fault of ['refuse', 'lose', 'cut', 502, 503, 520] as const) {
      sides.api.failWith(ofWrites(fault));
      await expect(db.rpc('bump')).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(db.upsert('notes', { id: 100, n: 1 })).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(db.update('notes', { n: 2 }, { filters: { id: 1 } })).rejects.toMatchObject({
        outcome: 'unknown',
      });
      await expect(db.delete('notes', { filters: { id: 50 } })).rejects.toMatchObject({ outcome: 'unknown' });
    }
    expect(sides.api.requests).toHaveLength(6 * 4);
  });

  it.each([500, 502, 503, 504, 520, 404, 200] as const)(
    'does not take the answer of a gateway for an answer of Postgres: %i',
    async (status) => {
      sides.api.failWith(ofWrites(status));
      const outcome = status === 404 ? 'not-applied' : 'unknown';
      await expect(db.insert('notes', { id: 1 })).rejects.toMatchObject({
        code: 'DATA_API_UNAVAILABLE',
        outcome,
      });
    },
  );

  it('does not take an error without a body for a write without rows', async () => {
    const empty = sides.legacy({ fetch: async () => new Response(null, { status: 404 }) }).as(service());
    await expect(empty.insert('notes', { id: 1 }, { returning: false })).rejects.toMatchObject({
      code: 'DATA_API_UNAVAILABLE',
    });
    await expect(empty.rpc('bump')).rejects.toMatchObject({ code: 'DATA_API_UNAVAILABLE' });
  });

  it('says that a write was applied whose answer has neither rows nor their number', async () => {
    const silent = sides.legacy({ fetch: async () => new Response(null, { status: 204 }) }).as(service());
    for (const returning of [true, false]) {
      await expect(silent.insert('notes', { id: 1 }, { returning })).rejects.toMatchObject({
        name: 'UnreadableDataError',
        outcome: 'applied',
      });
    }
  });

  it('knows that a write was not applied which never left', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const nowhere = sides.legacy({ url: `http://127.0.0.1:${port}` }).as(service());
    await expect(nowhere.insert('notes', { id: 1 })).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'DATA_API_UNAVAILABLE',
      outcome: 'not-applied',
    });
  });

  it('ends a call at its deadline, and knows what it knows of it', async () => {
    sides.api.failWith(() => 'hang');
    await expect(db.insert('notes', { id: 1 }, { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'TIMEOUT',
      outcome: 'unknown',
    });
    await expect(db.select('notes', { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'TimeoutError',
      outcome: 'not-applied',
    });
  });

  it('ends a call at its deadline though the fetch of the application does not heed it', async () => {
    const deaf = sides.legacy({ fetch: () => new Promise(() => {}) }).as(service());
    await expect(deaf.select('notes', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('ends a call that is aborted', async () => {
    const controller = new AbortController();
    sides.api.failWith(() => {
      controller.abort(new Error('the client left'));
      return 'hang';
    });
    await expect(db.insert('notes', { id: 1 }, { signal: controller.signal })).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ABORTED',
      outcome: 'unknown',
    });
    await expect(db.insert('notes', { id: 1 }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
      outcome: 'not-applied',
    });
  });

  it('takes a function for a write, unless it is told that it reads', async () => {
    sides.api.failWith(() => 502);
    await expect(db.rpc('bump')).rejects.toMatchObject({ name: 'OutcomeUnknownError' });
    await expect(db.rpc('looks')).rejects.toMatchObject({ name: 'ConnectionError', outcome: 'not-applied' });
  });

  it('is told when to come again where the Data API limits the rate', async () => {
    sides.api.failWith(() => 429);
    await expect(db.insert('notes', { id: 1 })).rejects.toMatchObject({
      name: 'OverloadedError',
      code: 'DATA_API_LIMIT',
      outcome: 'not-applied',
      retryAfterMs: 2000,
    });
  });

  it('reads again what supabase-js may read again', async () => {
    let first = true;
    sides.api.failWith(() => {
      const fault = first ? 'refuse' : undefined;
      first = false;
      return fault;
    });
    expect(await db.select('notes')).toEqual([]);
    expect(sides.api.requests).toHaveLength(2);
  });
});
