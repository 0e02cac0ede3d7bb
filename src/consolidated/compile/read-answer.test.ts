import { describe, expect, it } from 'vitest';
import type { StatementReply } from '../../contract/mode.ts';
import { textCodec, valueCodec } from '../values/codec.ts';
import { rowDecoder } from '../values/row-decoder.ts';
import { readAnswer } from './read-answer.ts';
import type { ReplyShape } from './reply-shape.ts';

const decoder = rowDecoder([
  { name: 'name', codec: textCodec },
  { name: 'n', codec: valueCodec(Number) },
]);
const rowsAnswer = { kind: 'rows', decoder, width: 2 } as const;
const counted = { kind: 'counted', decoder, width: 2 } as const;

const typed = (rows: (string | null)[][], count = rows.length): StatementReply => ({
  form: 'rows',
  fields: [],
  rows,
  count,
});
const document = (count: number, rows: unknown): StatementReply => ({
  form: 'document',
  text: JSON.stringify(['nonce', count, rows, 'nonce']),
});
const planned = (rows: number): StatementReply =>
  typed([[JSON.stringify([{ Plan: { 'Plan Rows': rows } }])]]);

/** No policy applies. */
const free = typed([['f']]);

describe('the row of a unique key', () => {
  const answer = { ...rowsAnswer, oneRow: true } as const;

  it('is one, or none', () => {
    expect(readAnswer(answer, [typed([])], 9).rows).toEqual([]);
    expect(readAnswer(answer, [typed([['a', '1']])], 9).rows).toHaveLength(1);
  });

  it.each([1, 9])('is no unique one where there are several, whatever the limit is: %i', (maxRows) => {
    const two = [
      ['a', 1],
      ['b', 2],
    ];
    for (const reply of [
      typed([
        ['a', '1'],
        ['b', '2'],
      ]),
      document(2, two),
    ]) {
      expect(() => readAnswer(answer, [reply], maxRows)).toThrow(
        expect.objectContaining({ code: 'KEY_CHANGED', outcome: 'not-applied' }),
      );
    }
  });
});

describe('a reply', () => {
  it.each<[string, ReplyShape, StatementReply[], unknown]>([
    [
      'typed rows',
      rowsAnswer,
      [typed([['a', '1']])],
      { rows: [{ name: 'a', n: 1 }], count: 1, total: undefined },
    ],
    [
      'a document',
      rowsAnswer,
      [document(1, [['a', 1]])],
      { rows: [{ name: 'a', n: 1 }], count: 1, total: undefined },
    ],
    ['a document without rows', rowsAnswer, [document(0, null)], { rows: [], count: 0, total: undefined }],
    [
      'counted rows',
      counted,
      [typed([['9', 't', 'a', '1']])],
      { rows: [{ name: 'a', n: 1 }], count: 1, total: 9 },
    ],
    [
      'a count without rows',
      counted,
      [document(1, [[9, null, null, null]])],
      { rows: [], count: 0, total: 9 },
    ],
    ['a command tag', { kind: 'none' }, [typed([], 3)], { rows: [], count: 3, total: undefined }],
    ['a count', { kind: 'count' }, [document(1, [[7]])], { rows: [], count: 7, total: 7 }],
    ['a plan', { kind: 'plan' }, [planned(12), free], { rows: [], count: 12, total: 12 }],
    [
      'rows and a plan',
      { ...rowsAnswer, total: 'planned' },
      [typed([]), planned(12), free],
      { rows: [], count: 0, total: 12 },
    ],
    [
      'an exact estimate',
      { ...rowsAnswer, total: 'estimated' },
      [typed([]), typed([['1000']]), planned(9), free],
      { rows: [], count: 0, total: 1000 },
    ],
    [
      'an estimate',
      { ...rowsAnswer, total: 'estimated' },
      [typed([]), typed([['1001']]), planned(5000), free],
      { rows: [], count: 0, total: 5000 },
    ],
    [
      'an estimate below what was counted',
      { kind: 'count', total: 'estimated' },
      [typed([['1001']]), planned(5), free],
      { rows: [], count: 1001, total: 1001 },
    ],
  ])('of %s is read', (_, answer, replies, expected) => {
    expect(readAnswer(answer, replies, 10)).toEqual(expected);
  });

  it.each<[string, ReplyShape, StatementReply[]]>([
    ['nothing', rowsAnswer, []],
    ['no count', { kind: 'count' }, [typed([])]],
    ['a count that is none', { kind: 'count' }, [typed([['x']])]],
    ['no counted row', counted, [typed([])]],
    ['no plan', { ...rowsAnswer, total: 'planned' }, [typed([])]],
    ['a plan without rows', { kind: 'plan' }, [typed([['[]']]), free]],
    ['an estimate without its count', { kind: 'count', total: 'estimated' }, [planned(1), free]],
  ])('of %s is a breach of protocol', (_, answer, replies) => {
    expect(() => readAnswer(answer, replies, 10)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL', outcome: 'unknown' }),
    );
  });

  it('of too many rows is refused in either form', () => {
    for (const reply of [
      typed([
        ['a', '1'],
        ['b', '2'],
      ]),
      document(2, [
        ['a', 1],
        ['b', 2],
      ]),
    ]) {
      expect(() => readAnswer(rowsAnswer, [reply], 1)).toThrow(
        expect.objectContaining({ code: 'RESULT_TOO_LARGE' }),
      );
      expect(readAnswer(rowsAnswer, [reply], Number.POSITIVE_INFINITY).rows).toHaveLength(2);
    }
  });

  it('of a planner that policies apply to is refused', () => {
    const answers: [ReplyShape, StatementReply[]][] = [
      [{ kind: 'plan' }, [planned(12)]],
      [{ ...rowsAnswer, total: 'planned' }, [typed([]), planned(12)]],
      [{ kind: 'count', total: 'estimated' }, [typed([['1001']]), planned(12)]],
    ];
    for (const [answer, replies] of answers) {
      expect(() => readAnswer(answer, [...replies, typed([['t']])], 10)).toThrow(
        expect.objectContaining({ code: 'PLANNED_COUNT_REFUSED' }),
      );
    }
  });
});
