import { expect, test } from 'vitest';
import { PEOPLE } from '../notes.ts';
import type { FoundRow } from './contender.ts';
import { type Answered, Tallying } from './tally.ts';

const [me, stranger] = PEOPLE;

function answered(rows: readonly (readonly [id: number, similarity: number])[], ms = 1): Answered {
  return {
    query: { vector: [], truth: { ids: [1, 2, 3], distances: [0.1, 0.2, 0.3] } },
    search: { table: 'documents', person: me!, vector: [], limit: 2 },
    rows: rows.map(([id, similarity]): FoundRow => ({ id: String(id), owner: me!.sub, similarity })),
    ms,
  };
}

test('recalls and times are kept apart for the first calls and each round', () => {
  const tally = new Tallying();
  tally.addFirst([answered([[3, 0.7]])]);
  tally.addRound([
    answered(
      [
        [1, 0.9],
        [2, 0.8],
      ],
      4,
    ),
    answered(
      [
        [1, 0.9],
        [3, 0.7],
      ],
      6,
    ),
  ]);
  tally.addRound([
    answered(
      [
        [1, 0.9],
        [2, 0.8],
      ],
      5,
    ),
  ]);
  expect(tally).toMatchObject({ firstRecalls: [0], recalls: [1, 0.5, 1], rounds: [[4, 6], [5]] });
});

test('short and unsorted answers are counted, the first ones too', () => {
  const tally = new Tallying();
  tally.addFirst([answered([[1, 0.9]])]);
  tally.addRound([
    answered([
      [2, 0.8],
      [1, 0.9],
    ]),
    answered([
      [1, 0.9],
      [2, 0.8],
    ]),
  ]);
  expect(tally).toMatchObject({ short: 1, unsorted: 1 });
});

test("a stranger's row ends the measurement", () => {
  const answer = answered([[1, 0.9]]);
  const leaky = { ...answer, rows: [{ id: 9, owner: stranger!.sub, similarity: 1 }] };
  expect(() => new Tallying().addRound([leaky])).toThrow('1 of 1 rows belong to another owner.');
});
