import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModeName } from '../../contract/mode.ts';
import type { Plan } from '../../contract/statement.ts';
import { SqlComments } from './sql-comments.ts';

const COMPILED: Plan = {
  text: 'select 1',
  document: 'select d',
  name: 's_1',
  intent: 'read',
  origin: 'compiled',
};
const RAW: Plan = { ...COMPILED, text: 'select 2 -- so', origin: 'raw' };
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

interface Given {
  readonly plan?: Plan;
  readonly mode?: ModeName;
  readonly label?: string;
  readonly applicationName?: string;
  readonly pooledStatements?: 'unnamed' | 'named';
  readonly traceparent?: string;
}

function commentsOf({ applicationName = 'api', pooledStatements = 'unnamed', traceparent }: Given = {}) {
  return new SqlComments({ applicationName, pooledStatements, traceparent: () => traceparent });
}

function sent({ plan = COMPILED, mode = 'direct', label, ...given }: Given): Plan {
  return commentsOf(given).of([{ plan, values: [] }], mode, label)[0]!.plan;
}

describe('the comment of a statement', () => {
  it('says the application and the label, in both forms of the statement', () => {
    expect(sent({ label: 'trips.list' })).toMatchObject({
      text: "select 1\n/*application='api',route='trips.list'*/",
      document: "select d\n/*application='api',route='trips.list'*/",
    });
  });

  it('leaves a statement without a document without one', () => {
    expect(sent({ plan: { ...COMPILED, document: '' } }).document).toBe('');
  });

  it('stands apart from a comment at the end of raw SQL', () => {
    expect(sent({ plan: RAW }).text).toBe("select 2 -- so\n/*application='api'*/");
  });

  it('has the trace where statements have no names', () => {
    const traced = `/*application='api',traceparent='${TRACE}'*/`;
    expect(sent({ mode: 'transaction', traceparent: TRACE }).document).toBe(`select d\n${traced}`);
    expect(sent({ plan: RAW, mode: 'direct', traceparent: TRACE }).text).toContain(traced);
  });

  it.each<[string, Given]>([
    ['on a direct connection', { mode: 'direct' }],
    ['on a session', { mode: 'session' }],
    ['in the embedded database', { mode: 'embedded' }],
    ['in transaction mode with names', { mode: 'transaction', pooledStatements: 'named' }],
  ])('has no trace where they are prepared: %s', (_, given) => {
    expect(sent({ ...given, traceparent: TRACE }).text).not.toContain('traceparent');
  });

  it.each(['', 'x', `${TRACE}'*/ drop table trips`, TRACE.toUpperCase()])(
    'has no trace that is none: %j',
    (traceparent) => {
      expect(sent({ mode: 'transaction', traceparent }).text).not.toContain('traceparent');
    },
  );
});

describe('a prepared statement', () => {
  it('has one name for each label, from the text that is sent, and keeps it', () => {
    const comments = commentsOf();
    const plan = (label?: string) => comments.of([{ plan: COMPILED, values: [] }], 'direct', label)[0]!.plan;
    expect(plan('a')).toBe(plan('a'));
    expect(new Set([COMPILED.name, plan().name, plan('a').name, plan('b').name]).size).toBe(4);
  });

  it('has a bounded number of variants, whatever is given as labels', () => {
    const comments = commentsOf();
    const names = Array.from(
      { length: 1_000 },
      (_, i) => comments.of([{ plan: COMPILED, values: [] }], 'direct', `page-${i}`)[0]!.plan.name,
    );
    expect(new Set(names).size).toBeLessThanOrEqual(21);
  });
});

describe('no text ends the comment or its value', () => {
  const COMMENT =
    /^select 1\n\/\*(?:application='[A-Za-z0-9\-_.~%]+',?)?(?:route='[A-Za-z0-9\-_.~%]+')?\*\/$/;

  it.each([
    "'*/ drop table trips; --",
    '*/',
    '/*',
    '*',
    "\\'",
    '%2A%2F',
    '\0',
    '\ud800*/',
    '$1',
    'é漢',
    '\u2028*/',
  ])('%j', (text) => {
    expect(sent({ label: text, applicationName: text }).text).toMatch(COMMENT);
  });

  it('of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(sent({ label: text, applicationName: text }).text).toMatch(COMMENT);
      }),
    );
  });

  it('and what was meant can be read again', () => {
    const label = "it's 100 % /* so */";
    const [, route = ''] = /route='([^']*)'/.exec(sent({ label }).text) ?? [];
    expect(decodeURIComponent(route)).toBe(label);
  });
});
