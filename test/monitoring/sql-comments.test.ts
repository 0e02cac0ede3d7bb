import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseService, type ModeName, user } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });
const HOSTILE = `'*/ ; drop table notes; /* $1 \\' -- é`;

class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, fn, self, ...args) =>
    this.#storage.run(active, () => fn.apply(self as never, args));
  bind: ContextManager['bind'] = (_, target) => target;
  enable = () => this;
  disable = () => this;
}

describeFullStack('the option sqlComments', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key, title text); grant all on notes to authenticated;
        insert into notes values (1, 'a');
        create function asked() returns text language sql stable as 'select current_query()';`,
    });
    context.setGlobalContextManager(new Contexts());
    trace.setGlobalTracerProvider(new BasicTracerProvider());
  });
  afterAll(async () => {
    context.disable();
    trace.disable();
    await database.drop();
  });

  function service(mode: ModeName) {
    const url = database.user[mode as 'direct'];
    return createDatabaseService({
      [mode]: url,
      sqlComments: true,
      openTelemetry: true,
      onWarning: () => {},
    });
  }

  const traced = async <T>(work: () => Promise<T>): Promise<readonly [T, string]> =>
    trace.getTracer('test').startActiveSpan('request', async (span) => {
      const result = await work();
      span.end();
      return [result, span.spanContext().traceId] as const;
    });

  it.each(['direct', 'session', 'transaction'] as const)('%s: shows the server who asks', async (mode) => {
    await using db = service(mode);
    const [asked, traceId] = await traced(() => db.as(ME).rpc('asked', {}, { label: 'notes.asked' }));
    expect(asked).toContain("application='consolidated-db',route='notes.asked'");
    // It would be prepared anew for each call.
    if (mode === 'transaction') expect(asked).toContain(`traceparent='00-${traceId}-`);
    else expect(asked).not.toContain('traceparent');
    const [rows, other] = await traced(
      () => db.as(ME).sql({ label: 'raw' })`select asked() as query -- my own`,
    );
    expect(rows[0]?.query).toContain(`route='raw',traceparent='00-${other}-`);
  });

  it.each(['direct', 'session', 'transaction'] as const)('%s: a hostile label does nothing', async (mode) => {
    await using db = service(mode);
    const mine = db.as(ME);
    const label = HOSTILE;
    expect(await mine.select('notes', { label })).toEqual([{ id: 1, title: 'a' }]);
    expect(await mine.update('notes', { title: 'a' }, { filters: { id: 1 }, label })).toHaveLength(1);
    expect(await mine.sql({ label })`select ${'b'} as b`).toEqual([{ b: 'b' }]);
    expect(await mine.batch([db.build.count('notes'), db.build.select('notes')], { label })).toEqual([
      1,
      [{ id: 1, title: 'a' }],
    ]);
  });

  it('leaves a prepared statement prepared, however many traces there are', async () => {
    await using db = service('direct');
    const prepared = await db.as(ME).transaction(async (tx) => {
      for (let i = 0; i < 5; i++) await traced(() => tx.select('notes', { label: 'notes.list' }));
      await tx.select('notes', { label: 'notes.other' });
      return tx.sql<{ statement: string }>`
        select statement from pg_prepared_statements where statement like '%"notes"%' order by prepare_time`;
    });
    expect(prepared.map(({ statement }) => /\/\*.*\*\/$/.exec(statement)?.[0])).toEqual([
      "/*application='consolidated-db',route='notes.list'*/",
      "/*application='consolidated-db',route='notes.other'*/",
    ]);
  });

  it('is not there by default', async () => {
    await using db = createDatabaseService({ direct: database.user.direct, onWarning: () => {} });
    expect(await db.as(ME).rpc('asked', {}, { label: 'notes.asked' })).not.toContain('/*');
  });
});
