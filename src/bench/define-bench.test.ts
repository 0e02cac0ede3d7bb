import { describe, expect, it } from 'vitest';
import { type BenchOptions, defineBench, isBench } from './define-bench.ts';

interface Clients {
  readonly ours: { readonly name: string };
  readonly yours: number;
}

const OPTIONS: BenchOptions<Clients> = {
  contenders: {
    ours: { open: () => ({ name: 'ours' }), close: () => {} },
    yours: { open: async () => 7, close: async () => {} },
  },
  cases: { list: { ways: { ours: (client) => [client.name], yours: (client, { n }) => [client + n] } } },
};

/** As code without types may write it. */
const define = (change: object): unknown => defineBench(Object.assign({}, OPTIONS, change));

describe('a bench', () => {
  it('has defaults for all that is not about the work', () => {
    const bench = defineBench(OPTIONS);
    expect(bench).toMatchObject({
      baseline: 'ours',
      concurrency: [1, 10],
      rounds: 7,
      seconds: 0.5,
      warmUpSeconds: 1.5,
      seed: 1,
      cases: [{ name: 'list', about: '', writes: false, check: 'rows', baseline: 'ours' }],
    });
    expect(isBench(bench)).toBe(true);
    expect(isBench({ ...bench, kind: 'another' })).toBe(false);
  });

  it('compares with its baseline, or where a case has no way of it, with the first one there', () => {
    const { yours } = OPTIONS.cases.list!.ways;
    const bench = defineBench({
      ...OPTIONS,
      cases: { ...OPTIONS.cases, other: { ways: yours === undefined ? {} : { yours } } },
    });
    expect(bench.cases.map(({ baseline }) => baseline)).toEqual(['ours', 'yours']);
    expect(defineBench({ ...OPTIONS, baseline: 'yours' }).cases[0]?.baseline).toBe('yours');
  });

  const ways = OPTIONS.cases.list?.ways;
  it.each([
    [{ contender: {} }, 'the bench has no option contender.'],
    [{ contenders: {} }, 'contenders has none'],
    [
      { contenders: { ours: { open: 'postgres://u:s3cret@h/db', close: () => {} } } },
      'contenders.ours.open is invalid: must be a function.',
    ],
    [{ contenders: { 'a,b': OPTIONS.contenders.ours } }, 'must begin with a letter or a digit'],
    [{ contenders: { ...OPTIONS.contenders, 2: OPTIONS.contenders.ours } }, 'and be no number'],
    [
      { contenders: { ...OPTIONS.contenders, ['__proto__']: OPTIONS.contenders.ours } },
      'has the name __proto__',
    ],
    [{ cases: {} }, 'cases has none'],
    [{ cases: { list: { ways: {} } } }, 'cases.list.ways has none'],
    [
      { cases: { list: { ways: { theirs: () => 1 } } } },
      'names a contender that is not there: "theirs". There are ours, yours.',
    ],
    [{ cases: { list: { ways: { ours: () => 1 } } } }, 'contenders.yours has no way in any case.'],
    [
      { cases: { list: { ways, check: 'none' } } },
      "cases.list.check is invalid: must be 'rows', 'exact', a function, or { skip: why }.",
    ],
    [{ cases: { list: { ways, check: { skip: '' } } } }, 'cases.list.check'],
    [{ cases: { list: { ways, about: '\u001b[2J' } } }, 'cases.list.about is invalid: must be one line'],
    [{ cases: { list: { ways, wirtes: true } } }, 'cases.list has no option wirtes.'],
    [{ baseline: 'theirs' }, 'baseline must be one of ours, yours. It was "theirs".'],
    [{ rounds: 0 }, 'rounds is invalid'],
    [{ concurrency: [0] }, 'concurrency.0 is invalid'],
    [{ seconds: -1 }, 'It was -1.'],
  ])('is refused with the place that is wrong: %j', (change, message) => {
    expect(() => define(change)).toThrow(
      expect.objectContaining({ code: 'INVALID_BENCH', message: expect.stringContaining(message) }),
    );
    expect(() => define(change)).not.toThrow(/s3cret/);
  });
});
