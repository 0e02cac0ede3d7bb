import { describe, expect, it } from 'vitest';
import { type DatabaseHandle, type ModeName, service, user } from '../../src/index.ts';
import { describeEveryMode, MODES, PINNED, refusalOf } from './every-mode.ts';

const SQL = `
  create table steps (id int generated always as identity, note text);
  grant all on steps to service_role, authenticated;
`;

/** Calls the function, which returns 7. */
const CALLS: Readonly<Record<string, (db: DatabaseHandle) => Promise<unknown>>> = {
  rpc: (db) => db.rpc('step'),
  'rpc in a batch': async (db) => (await db.batch([db.build.rpc('step'), db.build.count('steps')]))[0],
};

describeEveryMode('a function that is replaced beneath a kept catalog', SQL, (modes) => {
  const replace = (mode: ModeName, volatility: string, body: string) =>
    modes.query(
      mode,
      `create or replace function step() returns int language plpgsql ${volatility} as $$ begin ${body}; return 7; end $$`,
    );
  const WRITES = `insert into steps (note) values ('done')`;
  const written = async (mode: ModeName) => (await modes.query(mode, 'select 1 from steps')).length;

  describe.each(MODES)('in %s mode', (mode) => {
    describe.each(Object.entries(CALLS))('%s', (_name, call) => {
      it('writes once, where it was stable and is volatile', async () => {
        await modes.query(mode, 'truncate steps');
        await replace(mode, 'stable', 'null');
        await using db = modes.service(mode);
        const mine = db.as(service());
        expect(await call(mine)).toBe(7);
        await replace(mode, 'volatile', WRITES);
        expect(await call(mine)).toBe(7);
        expect(await written(mode)).toBe(1);
        expect(await call(mine)).toBe(7);
        expect(await written(mode)).toBe(2);
      });

      it('is answered where it was volatile and is stable', async () => {
        await replace(mode, 'volatile', 'null');
        await using db = modes.service(mode);
        const mine = db.as(service());
        expect(await call(mine)).toBe(7);
        await replace(mode, 'stable', 'null');
        expect(await call(mine)).toBe(7);
      });
    });

    it('is refused as before where it is still stable and writes by another one', async () => {
      await modes.query(mode, 'truncate steps');
      await modes.query(
        mode,
        `create or replace function write_step() returns void language sql volatile as $$ ${WRITES} $$`,
      );
      await replace(mode, 'stable', 'perform write_step()');
      await using db = modes.service(mode);
      const error = await refusalOf(() => db.as(service()).rpc('step'));
      expect(error).toMatchObject({ code: 'READ_ONLY', outcome: 'not-applied' });
      expect(await written(mode)).toBe(0);
    });
  });

  it.each(PINNED)('is refused inside a transaction that only reads, in %s mode', async (mode) => {
    await replace(mode, 'stable', 'null');
    await using db = modes.service(mode);
    const mine = db.as(user({ sub: '00000000-0000-4000-8000-00000000000a' }));
    expect(await mine.rpc('step')).toBe(7);
    await replace(mode, 'volatile', WRITES);
    const error = await refusalOf(() => mine.transaction((tx) => tx.rpc('step'), { readOnly: true }));
    expect(error).toMatchObject({ code: 'READ_ONLY', outcome: 'not-applied' });
  });
});
