import { personOf } from '../../notes.ts';
import type { CaseName } from '../contender.ts';
import { SQL } from './statements.ts';

/** What pgbench runs for a call: the statements of a part are written together, each part when the one before it was answered. */
type Parts = readonly (readonly string[])[];

const SUB = `('00000000-0000-4000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))`;
/** Of any person, but for the subject. A blank behind each colon, because pgbench takes a colon before a word for a variable. */
const CLAIMS = JSON.stringify({ ...personOf(0).claims, sub: '%s' }).replaceAll('":', '": ');
const BEGIN = [
  'begin',
  `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', format('${CLAIMS}', ${SUB}), true)`,
];

const SELECT = SQL.select.replace('$1', ':id');
const INSERT = SQL.insert.replace('$1', `${SUB}::uuid`).replace('$2', `'a week in the mountains'`);
const UPDATE = SQL.update.replace('$1', ':id').replace('$2', `'a week in the mountains'`);

const CASE_PARTS = {
  select: [[...BEGIN, SELECT, 'commit']],
  list: [[...BEGIN, SQL.list, 'commit']],
  insert: [[...BEGIN, INSERT, 'commit']],
  rpc: [[...BEGIN, SQL.rpc, 'commit']],
  // What is read must have come back before it can be changed.
  transaction: [[...BEGIN, SELECT], [UPDATE], [INSERT, 'commit']],
} satisfies Partial<Record<CaseName, Parts>>;

type PgbenchCase = keyof typeof CASE_PARTS;
export const PGBENCH_CASES = [
  'select',
  'list',
  'insert',
  'rpc',
  'transaction',
] as const satisfies PgbenchCase[];

export function isPgbenchCase(name: CaseName): name is PgbenchCase {
  return PGBENCH_CASES.some((each) => each === name);
}

/** Needs the variables `rows` and `users`. Each call is of another user. */
export function callScript(name: PgbenchCase): string {
  return [
    '\\set id random(1, :rows)',
    '\\set person (:id - 1) % :users',
    ...CASE_PARTS[name].flatMap((part) => ['\\startpipeline', ...part.map(ended), '\\endpipeline']),
    '',
  ].join('\n');
}

/** Fails on the server unless the user sees own rows and none of a stranger's, and the case answers with what it should. */
export function proofScripts(name: PgbenchCase): readonly string[] {
  const own = `count(*) >= 1 and bool_and(user_id = ${SUB}::uuid)`;
  const proof = (person: string, statement: string, condition: string) =>
    [
      '\\set id 1',
      `\\set person ${person}`,
      ...BEGIN.map(ended),
      ended(
        `with answer as (${statement}) select 1 / (case when ${condition} then 1 else 0 end) from answer`,
      ),
      'commit;',
      '',
    ].join('\n');
  return [
    proof('0', SELECT, own),
    proof('1', SELECT, 'count(*) = 0'),
    ...(name === 'list' ? [proof('0', SQL.list, own)] : []),
    ...(name === 'rpc'
      ? [proof('0', SQL.rpc, 'min(count) between 1 and :rows::bigint / :users::bigint')]
      : []),
    ...(name === 'insert' || name === 'transaction' ? [proof('0', INSERT, own)] : []),
    ...(name === 'transaction' ? [proof('0', UPDATE, 'min(id) = 1')] : []),
  ];
}

function ended(statement: string): string {
  return `${statement.replaceAll(/\s+/g, ' ')};`;
}
