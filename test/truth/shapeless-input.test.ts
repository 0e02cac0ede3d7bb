import { expect, it } from 'vitest';
import { type DatabaseHandle, op, service } from '../../src/index.ts';
import { describeEveryMode, refusalOf } from './every-mode.ts';

describeEveryMode(
  'input of no sensible shape',
  'create table notes (id int primary key, body text, meta jsonb, number int)',
  (modes) => {
    it('is refused by an error of this package, not by one of the stack: 50,000 times op.not', async () => {
      await using db = modes.service('direct');
      const nested = () => {
        let body = op.not(op.eq('a'));
        for (let level = 0; level < 50_000; level++) body = op.not(body);
        return db.as(service()).select('notes', { filters: { body } });
      };
      expect(await refusalOf(async () => nested())).toMatchObject({ outcome: 'not-applied' });
    });

    it.each<[string, (db: DatabaseHandle, levels: number) => Promise<unknown>]>([
      [
        'op.or of conditions',
        (db, levels) => {
          let condition = op.or({ id: 1 });
          for (let level = 0; level < levels; level++) condition = op.or(condition);
          return db.select('notes', { filters: [condition] });
        },
      ],
      [
        'json',
        (db, levels) => {
          let json: unknown = 1;
          for (let level = 0; level < levels; level++) json = [json];
          return db.insert('notes', { id: 1, meta: json });
        },
      ],
      [
        'parentheses in raw SQL',
        (db, levels) => db.sql(template(`select ${'('.repeat(levels)}1${')'.repeat(levels)}`)),
      ],
    ])(
      'is refused by an error of this package, not by one of the stack: 50,000 times %s',
      async (_name, call) => {
        await using db = modes.service('direct');
        expect(await refusalOf(async () => call(db.as(service()), 50_000))).toMatchObject({
          outcome: 'not-applied',
        });
      },
    );

    type Pollution = readonly [string, unknown];
    const READ_FROM_OPTIONS: readonly Pollution[] = [
      ['all', true],
      ['toJSON', () => 'polluted'],
      ['settings', [['role', 'postgres']]],
      ['filters', { id: 1 }],
      ['mode', 'session'],
      ['expect', 7],
      ['returning', false],
      ['limit', 0],
      ['count', 'exact'],
      ['signal', AbortSignal.abort()],
    ];
    const OTHERS: readonly Pollution[] = [
      ['access', 'read'],
      ['isolation', 'serializable'],
      ['sub', 'polluted'],
      ['role', 'service_role'],
      ['value', 'polluted'],
      ['kind', 'service'],
      ['cause', 'polluted'],
    ];

    it.each(READ_FROM_OPTIONS)('changes nothing as a property of every object: %s', changesNothing);
    it.each(OTHERS)('changes nothing as a property of every object: %s', changesNothing);

    async function changesNothing(name: string, value: unknown): Promise<void> {
      await modes.query('direct', 'truncate notes');
      await modes.query('direct', 'insert into notes (id, meta) values (1, $1), (2, null)', ['{"a": 1}']);
      await using db = modes.service('direct');
      const mine = db.as(service());
      await mine.select('notes');
      const work = async () => {
        const told: unknown[] = [];
        const tell = async (call: () => Promise<unknown>) => {
          told.push(await call().catch((error: unknown) => String(error)));
        };
        await tell(() => mine.select('notes', { columns: ['id', 'meta'], orderBy: 'id' }));
        await tell(() => mine.update('notes', { body: 'x' }, {} as never));
        await tell(() => mine.insert('notes', { id: 3, meta: { b: 2 } }));
        await tell(() => mine.delete('notes', { filters: { id: 3 } }));
        await tell(() => mine.count('notes'));
        await tell(() => mine.sql`select current_user::text as role, auth.uid()::text as uid`);
        await tell(() => mine.transaction((tx) => tx.count('notes')));
        return told;
      };
      const before = await work();
      Object.defineProperty(Object.prototype, name, {
        value,
        configurable: true,
        writable: true,
        enumerable: false,
      });
      let after: unknown[];
      try {
        after = await work();
      } finally {
        delete (Object.prototype as Record<string, unknown>)[name];
      }
      expect(after).toEqual(before);
    }
  },
);

/** A template of one text, as the tag gets it. */
function template(text: string): never {
  return Object.assign([text], { raw: [text] }) as never;
}
