/** Runs operations through the service, and tells what it answered in the words of the model. */
import {
  AuthorizationError,
  type BuiltStatement,
  CheckError,
  ConfigurationError,
  ConflictError,
  type DatabaseHandle,
  ForeignKeyError,
  NotFoundError,
  op,
  UniqueConstraintError,
  ValidationError,
} from '../../src/index.ts';
import { picked } from './model/matching.ts';
import type { Answer, Refusal } from './model/outcome.ts';
import { COLUMNS, type Row } from './model/rows.ts';
import { SEARCHED_COLUMNS } from './model/searched-columns.ts';
import { SUMMARY_COLUMNS } from './model/summaries.ts';
import type {
  Built,
  Condition,
  Conditions,
  Delete,
  FunctionName,
  Insert,
  Operation,
  Statement,
  Update,
} from './operation.ts';
import type { Handle } from './raw-statement.ts';
import { RAW_STATEMENTS } from './raw-statements.ts';

/** How a call ended: the answers of its statements, or a failure that the model has no word for. */
export interface Ran {
  readonly answers: readonly Answer[];
  /** The ids that functions made up. */
  readonly made: readonly string[];
}

export async function runOperation(handle: DatabaseHandle, operation: Operation): Promise<Ran> {
  if (operation.kind === 'transaction') return await runTransaction(handle, operation);
  if (operation.kind === 'batch') {
    const { statements } = operation;
    const all = await settled(
      async () => await handle.batch(statements.map((each) => describe(builtBy(handle), each))),
    );
    if ('refused' in all) return { answers: [all], made: [] };
    const results: readonly unknown[] = all.value;
    return told(
      statements,
      results.map((result, index) => answerOf(statements[index]!, result)),
    );
  }
  return told([operation], [await runStatement(handle, operation)]);
}

/** Functions that answer the id of a new row. */
const MAKING: readonly string[] = ['clone_trip', 'register_sign_in', 'open_sign_in'];

function told(statements: readonly Statement[], answers: readonly Answer[]): Ran {
  const made = answers.flatMap((answer, index) => {
    const statement = statements[index]!;
    const isMaking = statement.kind === 'rpc' && MAKING.includes(statement.name);
    return isMaking && Array.isArray(answer) ? answer.map(({ id }) => String(id)) : [];
  });
  return { answers, made };
}

class RolledBack extends Error {}

type Steps = Extract<Operation, { kind: 'transaction' }>;

async function runTransaction(handle: DatabaseHandle, { steps, end }: Steps): Promise<Ran> {
  const statements: Statement[] = [];
  const answers: Answer[] = [];
  const play = async (within: Handle, statement: Statement) => {
    const answer = await runStatement(within, statement);
    statements.push(statement);
    answers.push(answer);
    if (typeof answer === 'object' && answer !== null && 'refused' in answer) throw new RolledBack();
  };
  try {
    await handle.transaction(async (tx) => {
      for (const step of steps) {
        if (step.kind !== 'savepoint') await play(tx, step);
        else {
          await tx
            .transaction(async (inner) => {
              for (const statement of step.statements) await play(inner, statement);
            })
            .catch(onlyRolledBack);
        }
      }
      if (end === 'rollback') throw new RolledBack();
    });
  } catch (error) {
    onlyRolledBack(error);
  }
  return told(statements, answers);
}

function onlyRolledBack(error: unknown): void {
  if (!(error instanceof RolledBack)) throw error;
}

async function runStatement(handle: Handle, statement: Statement): Promise<Answer> {
  const result = await settled(() =>
    statement.kind === 'raw'
      ? RAW_STATEMENTS[statement.name]!.run(handle, statement.values)
      : describe(sentBy(handle), statement),
  );
  return 'refused' in result ? result : answerOf(statement, result.value);
}

/** The methods of `handle` and of `handle.build`, for statements that are data: the types of a schema cannot check these. */
interface Methods<Result> {
  select(from: string, options: object): Result;
  count(from: string, options: object): Result;
  insert(table: string, rows: unknown, options: object): Result;
  upsert(table: string, rows: unknown, options: object): Result;
  update(table: string, set: Row, options: object): Result;
  delete(table: string, options: object): Result;
  rpc(name: string, args: object): Result;
}

function sentBy(handle: Handle): Methods<Promise<unknown>> {
  return handle as never;
}

function builtBy({ build }: Handle): Methods<BuiltStatement<unknown>> {
  return build as never;
}

function describe<Result>(methods: Methods<Result>, statement: Built): Result {
  switch (statement.kind) {
    case 'select': {
      const { from, where, columns } = statement;
      return methods.select(from, { filters: filtersOf(where), ...(columns && { columns }) });
    }
    case 'count':
      return methods.count(statement.from, { filters: filtersOf(statement.where) });
    case 'insert':
      return methods.insert(statement.table, oneOrMany(statement.rows), writeOptions(statement));
    case 'upsert': {
      const { table, rows, onConflict, update } = statement;
      const existing = update === null ? { ignoreDuplicates: true } : { update };
      return methods.upsert(table, oneOrMany(rows), { ...writeOptions(statement), onConflict, ...existing });
    }
    case 'update':
      return methods.update(statement.table, statement.set, changeOptions(statement));
    case 'delete':
      return methods.delete(statement.table, changeOptions(statement));
    case 'rpc':
      return methods.rpc(statement.name, statement.args);
  }
}

function oneOrMany(rows: readonly Row[]): Row | readonly Row[] {
  return rows.length === 1 ? rows[0]! : rows;
}

function writeOptions({ returning, expect }: Pick<Insert, 'returning' | 'expect'>): object {
  return { returning, ...(expect !== undefined && { expect }) };
}

function changeOptions(statement: Update | Delete): object {
  const { where } = statement;
  const rows = Object.keys(where).length === 0 ? { all: true } : { filters: filtersOf(where) };
  return { ...writeOptions(statement), ...rows };
}

function filtersOf(where: Conditions): object {
  return Object.fromEntries(
    Object.entries(where).map(([column, condition]) => [column, filterOf(condition)]),
  );
}

function filterOf(condition: Condition): unknown {
  if (typeof condition !== 'object' || condition === null) return condition;
  if ('oneOf' in condition) return op.in(condition.oneOf as readonly string[]);
  if ('not' in condition) return op.neq(condition.not);
  return condition;
}

function answerOf(statement: Statement, result: unknown): Answer {
  if (typeof result === 'number') return result;
  if (result === undefined || result === null) return [];
  if (typeof result === 'string') return [{ id: result }];
  const rows = (Array.isArray(result) ? result : [result]) as readonly Row[];
  return rows.map((row) => picked(row, columnsOf(statement, row)));
}

const COLUMNS_OF_FUNCTIONS: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
  find_destinations: COLUMNS.destinations,
  nearby_destinations: ['id', 'name'],
  search_trips: SEARCHED_COLUMNS,
  find_api_key: ['user_id', 'key_hash', 'scopes', 'expires_at'],
  refresh_sign_in: ['user_id', 'email'],
};

/** The columns of an answer that the model has. */
function columnsOf(statement: Statement, row: Row): readonly string[] {
  switch (statement.kind) {
    case 'select':
      if (statement.columns !== undefined) return statement.columns;
      return statement.from === 'trip_summaries' ? SUMMARY_COLUMNS : COLUMNS[statement.from];
    case 'insert':
    case 'upsert':
    case 'update':
    case 'delete':
      return typeof statement.returning === 'boolean' ? COLUMNS[statement.table] : statement.returning;
    case 'rpc':
      return COLUMNS_OF_FUNCTIONS[statement.name] ?? Object.keys(row);
    default:
      return Object.keys(row);
  }
}

type Settled<Value> = { readonly value: Value } | { readonly refused: Refusal };

async function settled<Value>(run: () => PromiseLike<Value>): Promise<Settled<Value>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { refused: refusalOf(error) };
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof AuthorizationError)
    return error.message.startsWith('Row level security') ? 'row refused' : 'no right';
  if (error instanceof ConfigurationError && error.code === 'RIGHT_MISSING') return 'no schema';
  if (error instanceof UniqueConstraintError) return 'taken';
  if (error instanceof ConflictError) return 'conflict';
  if (error instanceof ForeignKeyError) return 'reference';
  if (error instanceof CheckError) return 'check';
  if (error instanceof NotFoundError) return 'not found';
  if (error instanceof ValidationError && error.code === 'RAISED') return 'raised';
  throw error;
}
