import { describe, expect, it } from 'vitest';
import { type ConsolidatedDatabaseService, type Filters, op, path, service } from '../../src/index.ts';
import { describeEveryMode, MODES } from './every-mode.ts';

const SCHEMA = `
  create table things (id int8 primary key, at timestamptz, day date, bytes bytea, near extensions.vector(2), meta jsonb, times timestamptz[]);
  grant all on things to service_role;
  create function told(at timestamptz, n int8, bytes bytea, near extensions.vector) returns text immutable language sql
    set search_path to extensions
    as $$ select concat_ws(' ', extract(year from at), n, bytes, near) $$;
`;

/** As `supabase gen types` prints it: the types of what is read. */
interface Generated {
  public: {
    Tables: {
      things: {
        Row: {
          id: number;
          at: string | null;
          day: string | null;
          bytes: string | null;
          near: string | null;
          meta: Json | null;
          times: string[] | null;
        };
        Insert: {
          id: number;
          at?: string | null;
          day?: string | null;
          bytes?: string | null;
          near?: string | null;
          meta?: Json | null;
          times?: string[] | null;
        };
        Update: {
          id?: number;
          at?: string | null;
          day?: string | null;
          bytes?: string | null;
          near?: string | null;
          meta?: Json | null;
          times?: string[] | null;
        };
      };
    };
    Views: Record<never, never>;
    Functions: { told: { Args: { at: string; n: number; bytes: string; near: string }; Returns: string } };
  };
}
type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

const at = new Date('2027-01-02T03:04:05.678Z');
const bytes = new Uint8Array([0, 255]);

describeEveryMode('what compiles for a column', SCHEMA, (modes) => {
  describe.each(MODES)('in %s mode', (mode) => {
    it('is written, compared and passed as it is', async () => {
      await modes.query(mode, 'delete from things');
      await using handle = modes.service(mode) as ConsolidatedDatabaseService<Generated>;
      const db = handle.as(service());
      await db.insert('things', [
        { id: 1n, at, day: at, bytes, near: [1, 2], meta: { at }, times: [at] },
        { id: 2, at: null, near: new Float32Array([3, 4]), bytes: new Uint8Array([1]).buffer },
      ]);
      await db.upsert('things', { id: 3n, near: [5, 6], at: new Date(0) });
      await db.update('things', { near: [1, 2], day: at }, { filters: { id: 3n, at: new Date(0) } });
      expect(await db.selectOne('things', { filters: { id: 1 } })).toEqual({
        id: 1,
        at: '2027-01-02T03:04:05.678+00:00',
        day: '2027-01-02',
        bytes: '\\x00ff',
        near: '[1,2]',
        meta: { at: '2027-01-02T03:04:05.678Z' },
        times: ['2027-01-02T03:04:05.678+00:00'],
      });
      const ids = async ({ filters }: { filters: Filters<Generated['public']['Tables']['things']['Row']> }) =>
        (await db.select('things', { filters, columns: ['id'], orderBy: 'id' })).map(({ id }) => id);
      expect(await ids({ filters: { at } })).toEqual([1]);
      expect(await ids({ filters: { at: op.lte(at), id: op.in([1n, 2n, 3n]) } })).toEqual([1, 3]);
      expect(await ids({ filters: { bytes } })).toEqual([1]);
      expect(await ids({ filters: { near: op.eq([1, 2]) } })).toEqual([1, 3]);
      expect(await ids({ filters: { times: op.contains([at]) } })).toEqual([1]);
      expect(await ids({ filters: [path('meta', 'at').as('timestamptz').where(op.gte(at))] })).toEqual([1]);
      const page = await db.select('things', {
        orderBy: 'id',
        after: { id: 1n },
        columns: ['id'],
      });
      expect(page).toEqual([{ id: 2 }, { id: 3 }]);
      expect(await db.rpc('told', { at, n: 7n, bytes, near: [1, 2] })).toBe('2027 7 \\x00ff [1,2]');
    });
  });
});
