import { describe, expect, it } from 'vitest';
import type { RelationShape } from '../compile/relation-shape.ts';
import { indexedRows, learningKey, openChoice, type SearchContext } from './search-choice.ts';

interface Setting {
  readonly rows?: number | undefined;
  readonly indexed?: readonly string[];
  readonly ofPolicies?: readonly string[];
  readonly mayHideRows?: boolean;
  readonly isView?: boolean;
  readonly parts?: number;
  readonly listedBy?: string;
}

/** What the choice looks at, of a context and of a relation. */
function shapeOf({
  rows,
  indexed = [],
  ofPolicies = [],
  mayHideRows = true,
  isView = false,
  parts = 1,
  listedBy,
}: Setting) {
  const searchable = {
    ...{ rows, parts, listedBy },
    indexedColumns: new Set(indexed),
    policyColumnsByRole: new Map([['authenticated', new Set(ofPolicies)]]),
  };
  const relation = { mayHideRows, searchable: isView ? undefined : searchable };
  return { relation } as unknown as RelationShape;
}

function choose(setting: Setting, where = '') {
  return openChoice(contextOf('authenticated'), shapeOf(setting), where, 1_000);
}

function contextOf(role: string, claims?: string): SearchContext {
  const catalog = { bypassesRowSecurity: (name: string) => name === 'service_role' };
  return { catalog, role, claims } as unknown as SearchContext;
}

describe('how a search is made of which nothing is learned', () => {
  it.each<[string, Setting, string, object]>([
    [
      'of a view, of which nothing is known',
      { isView: true, rows: 10 },
      '',
      { form: 'index', isFound: false, isOpen: false },
    ],
    [
      'of all rows of a large table',
      { rows: 1_001, mayHideRows: false },
      '',
      { form: 'index', isOpen: true },
    ],
    [
      'of all rows of a small table',
      { rows: 1_000, mayHideRows: false },
      '',
      { form: 'probed', isFound: false, isOpen: true },
    ],
    [
      'of a table that was never analyzed',
      { rows: undefined, mayHideRows: false },
      '',
      { form: 'probed', isOpen: true },
    ],
    [
      'by a policy whose column is indexed',
      { rows: 9_000, indexed: ['owner'], ofPolicies: ['owner'] },
      '',
      { form: 'probed', isFound: true },
    ],
    [
      'by a policy whose column is not',
      { rows: 9_000, indexed: ['kind'], ofPolicies: ['owner'] },
      '',
      { form: 'index', isFound: false, isOpen: false },
    ],
    [
      'by such a policy in a small table',
      { rows: 900, ofPolicies: ['owner'] },
      '',
      { form: 'probed', isFound: false, isOpen: false },
    ],
    [
      'by a filter whose column is indexed',
      { rows: 9_000, indexed: ['kind'], mayHideRows: false },
      't."kind" = $2',
      { form: 'probed', isFound: true },
    ],
    [
      'by a filter whose column is not',
      { rows: 9_000, indexed: ['owner'], mayHideRows: false },
      't."kind" = $2',
      { form: 'index', isFound: false, isOpen: false },
    ],
    [
      'by a filter whose column begins like an indexed one',
      { rows: 9_000, indexed: ['kin'], mayHideRows: false },
      't."kind" = $2',
      { form: 'index', isFound: false },
    ],
    [
      'by a column of the policies, which do not hold',
      { rows: 9_000, indexed: ['owner'], ofPolicies: ['owner'], mayHideRows: false },
      't."kind" = $2',
      { form: 'index', isFound: false },
    ],
  ])('is made %s', (_, setting, where, expected) => {
    expect(choose(setting, where)).toMatchObject(expected);
  });
});

describe('the rows among which an index looks', () => {
  const LISTED = { rows: 9_001, parts: 10, listedBy: 'tenant' };
  it.each<[string, Setting, string, number | undefined]>([
    ['all of one table', { rows: 9_000, ofPolicies: ['tenant'] }, '', 9_000],
    ['those of a part, which the policy names', { ...LISTED, ofPolicies: ['tenant'] }, '', 901],
    ['those of a part, which the filter names', LISTED, 't."tenant" = $2', 901],
    ['all where the policy names another column', { ...LISTED, ofPolicies: ['owner'] }, '', 9_001],
    [
      'all where the policy does not hold',
      { ...LISTED, ofPolicies: ['tenant'], mayHideRows: false },
      '',
      9_001,
    ],
    [
      'unknown before the table is analyzed',
      { ...LISTED, rows: undefined, ofPolicies: ['tenant'] },
      '',
      undefined,
    ],
    ['unknown for a view', { isView: true }, 't."tenant" = $2', undefined],
  ])('are %s', (_, setting, where, expected) => {
    expect(indexedRows(contextOf('authenticated'), shapeOf(setting), where)).toBe(expected);
  });
});

describe('the key of what is learned', () => {
  const claims = (sub: string) => `{"role":"authenticated","sub":"${sub}"}`;
  const key = (
    changes: {
      role?: string;
      claims?: string;
      asked?: string;
      values?: (string | null)[];
      limit?: number;
    } = {},
  ) =>
    learningKey(
      contextOf(changes.role ?? 'authenticated', changes.claims ?? claims('a')),
      changes.asked ?? 'docs cosine',
      changes.values ?? ['7'],
      changes.limit ?? 10,
    );

  it.each([
    ['the role', { role: 'service_role' }],
    ['the subject', { claims: claims('b') }],
    ['the clauses', { asked: 'docs l2' }],
    ['the values of the filters', { values: ['8'] }],
    ['null', { values: [null] }],
    ['the text of null', { values: ['n'] }],
    ['the number of the values', { values: ['7', '7'] }],
    ['the order of the limit', { limit: 17 }],
  ])('tells %s', (_, changes) => {
    expect(key(changes)).not.toBe(key());
  });

  it('is the same for limits of one order', () => {
    expect(key({ limit: 9 })).toBe(key({ limit: 16 }));
  });

  it('does not take values for others whose text joins them', () => {
    expect(key({ values: ['a 1:b'] })).not.toBe(key({ values: ['a', 'b'] }));
  });

  it('is not kept for values beyond 256 characters', () => {
    expect(key({ values: ['x'.repeat(256)] })).toBeDefined();
    expect(key({ values: ['x'.repeat(200), 'x'.repeat(57)] })).toBeUndefined();
  });

  it('takes callers without a subject for one', () => {
    expect(key({ claims: '{}' })).toBe(key({ claims: '' }));
  });
});
