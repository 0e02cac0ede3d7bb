import { describe, expect, it } from 'vitest';
import type { StatementReply } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { type ServerSettings, SettledStatements, settingsOf } from './statement-settings.ts';

const SMALL = [
  ['enable_sort', 'off'],
  ['hnsw.ef_search', '90'],
] as const;
const LARGE = [
  ['enable_sort', 'off'],
  ['hnsw.ef_search', '200'],
] as const;
const NONE: ServerSettings = [];

const one = (settings?: ServerSettings) => ({ statements: [''], settings });

function statement(text: string): Statement {
  return { plan: { text, document: text, name: text, intent: 'read', origin: 'compiled' }, values: [] };
}

function settled(each: readonly ServerSettings[]): SettledStatements {
  return new SettledStatements(
    each.map((_, at) => statement(`own ${at}`)),
    each,
  );
}

const SET =
  "select pg_catalog.concat(pg_catalog.set_config('cdb.enable_sort', coalesce(pg_catalog.current_setting('enable_sort', true), ''), true), " +
  "pg_catalog.set_config('cdb.hnsw.ef_search', coalesce(pg_catalog.current_setting('hnsw.ef_search', true), ''), true), " +
  'pg_catalog.set_config($1, $2, true), pg_catalog.set_config($3, $4, true))';
const PUT_BACK =
  "select pg_catalog.concat(pg_catalog.set_config('enable_sort', nullif(pg_catalog.current_setting('cdb.enable_sort'), ''), true), " +
  "pg_catalog.set_config('hnsw.ef_search', nullif(pg_catalog.current_setting('cdb.hnsw.ef_search'), ''), true))";

describe('the settings of several statements', () => {
  it('are set with who acts where all need the same', () => {
    expect(settingsOf([one(SMALL), one([...SMALL])])).toEqual({ settings: SMALL });
    expect(settingsOf([one(), one([])])).toEqual({ settings: [] });
    expect(settingsOf([])).toEqual({ settings: [] });
  });

  it.each([
    ['one needs none', [SMALL, undefined]],
    ['a value differs', [SMALL, LARGE]],
    ['a name differs', [SMALL, [['jit', 'off'], SMALL[1]]]],
    ['one needs more', [SMALL, SMALL.slice(0, 1)]],
  ] as const)('are those of each where %s', (_, [first, second]) => {
    const each = { settings: undefined, settingsOfEach: [first, second ?? []] };
    expect(settingsOf([one(first), one(second)])).toEqual(each);
    const searches = { statements: ['', ''], ...settingsOf([one(first), one(second)]) };
    expect(settingsOf([searches, one()])).toEqual({ ...each, settingsOfEach: [first, second ?? [], []] });
  });

  it('are their own, whatever every object inherits', () => {
    const polluted = { __proto__: { settingsOfEach: [LARGE] }, ...one(SMALL) };
    expect(settingsOf([polluted])).toEqual({ settings: SMALL });
  });
});

describe('statements with settings of their own', () => {
  it('have them set before, and put back behind', () => {
    const { sent } = settled([NONE, SMALL, NONE]);
    expect(sent.map(({ plan }) => plan.text)).toEqual(['own 0', SET, 'own 1', PUT_BACK, 'own 2']);
    expect(sent.map(({ values }) => values)).toEqual([
      [],
      ['enable_sort', 'off', 'hnsw.ef_search', '90'],
      [],
      [],
      [],
    ]);
  });

  it('put them back behind the last one: a transaction does more when it ends', () => {
    expect(settled([SMALL]).sent.map(({ plan }) => plan.text)).toEqual([SET, 'own 0', PUT_BACK]);
  });

  it('keep them for a next one that needs the same, and for no other', () => {
    expect(settled([SMALL, [...SMALL]]).sent).toHaveLength(4);
    const { sent } = settled([SMALL, LARGE]);
    expect(sent.map(({ plan }) => plan.text)).toEqual([SET, 'own 0', PUT_BACK, SET, 'own 1', PUT_BACK]);
    expect(sent[3]!.values).toContain('200');
  });

  it('are sent in the form of documents too', () => {
    const [set] = settled([SMALL]).sent;
    expect(set!.plan.document).toContain(`from (${SET}) as t(c0)`);
    expect(set!.plan.document).toContain('$5::pg_catalog.text');
  });

  it('get the replies to the own ones, and know their places', () => {
    const both = settled([NONE, SMALL, NONE]);
    const replies = both.sent.map(({ plan }): StatementReply => ({ form: 'document', text: plan.text }));
    const own = [replies[0], replies[2], replies[4]];
    expect(both.answers(replies)).toEqual(own);
    expect(both.answers(own as StatementReply[])).toEqual(own);
    expect(replies.map((_, place) => both.ownAt(place))).toEqual([0, -1, 1, -1, 2]);
    expect(both.ownAt(5)).toBe(-1);
  });
});
