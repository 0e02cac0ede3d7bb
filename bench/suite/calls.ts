import type { CaseName, SuiteClient } from './contender.ts';
import type { Questions } from './world.ts';

const BULK = Array.from({ length: 100 }, (_, n) => `one of many, ${n}`);
const TITLE = 'a week in the mountains';

/** The n-th call of a case. */
export function callOf(
  name: CaseName,
  client: SuiteClient,
  questions: Questions,
): (n: number) => Promise<unknown> {
  const person = (n: number) => questions.trip(n).person;
  const calls: Readonly<Record<CaseName, (n: number) => Promise<unknown>>> = {
    select: (n) => client.select(questions.trip(n)),
    'select-again': (n) => client.selectAgain(questions.popularTrip(n)),
    list: (n) => client.list(person(n)),
    insert: (n) => client.insert(person(n), TITLE),
    'bulk-insert': (n) => client.bulkInsert(person(n), BULK),
    'vector-search': (n) => client.vectorSearch(person(n), questions.vector(n)),
    rpc: (n) => client.rpc(person(n)),
    transaction: (n) => client.transaction(questions.trip(n), TITLE),
    page: (n) => client.page({ ...questions.trip(n), vector: questions.vector(n) }),
  };
  return calls[name];
}
