import { ValidationError } from '../../contract/errors.ts';
import type { Batch, BeginOptions } from '../../contract/mode.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { FrontendWriter } from './frontend-writer.ts';
import type { PreparedStatement } from './prepared-statements.ts';
import type { Step } from './reply-machine.ts';
import {
  READ_WRITE_LEAD,
  type SetUpParts,
  setUpFor,
  setUpValues,
  UNPREPARED_SET_UP,
  unpreparedSetUpValues,
} from './set-up.ts';
import { commandStep, RAW, RAW_TO_SAVEPOINT, UNNAMED_DOCUMENT, UNNAMED_NONCE } from './unnamed-steps.ts';
import type { WireConnection } from './wire-connection.ts';

/**
 * How a mode sends statements.
 *
 * `named`: prepared once per connection, typed rows. `document`: unnamed, one JSON document per
 * statement, the only shape that is safe through any pooler that changes servers between batches.
 * `named-document`: documents of prepared statements, for a pooler that takes names along to the next server.
 */
export type SendStyle = 'named' | 'document' | 'named-document';

export interface WrittenBatch {
  readonly bytes: Buffer;
  readonly steps: readonly Step[];
}

export interface SendOptions {
  readonly style: SendStyle;
  readonly searchPath: string;
  readonly nonce: string;
  readonly statementTimeoutMs: number;
  /** Leads the batch with `set transaction read write`. */
  readonly forceReadWrite: boolean;
}

/** One batch as one buffer: set-up, statements, one Sync. */
export function writeBatch(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  const block = isBlock(batch);
  if (block) out.command(beginText('read committed', batch.access));
  else if (options.forceReadWrite) out.command(READ_WRITE_LEAD);
  out.setUp(batch, options);
  for (const statement of batch.statements) out.statement(statement, options.nonce);
  if (block) out.command('commit');
  return out.finish();
}

/**
 * The batch is a transaction block, BEGIN to COMMIT, under its one Sync. Raw SQL that may commit by itself does so in
 * an implicit transaction, and what followed its COMMIT would run as the login; in a block Postgres refuses it (2D000).
 */
export function isBlock({ statements, ownTransactions }: Batch): boolean {
  return statements[0]?.plan.mayCommit === true && ownTransactions !== true;
}

/** Opens an interactive transaction: BEGIN and the set-up, under one Sync. */
export function writeBegin(
  connection: WireConnection,
  begin: BeginOptions,
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  out.command(beginText(begin.isolation, begin.access));
  out.setUp(begin, options);
  return out.finish();
}

function beginText(isolation: BeginOptions['isolation'], access: Batch['access']): string {
  return `begin isolation level ${isolation} ${access === 'read' ? 'read only' : 'read write'}`;
}

/**
 * Statements inside an interactive transaction. Behind each raw one the set-up comes again: whatever it did to role,
 * claims and search path ends with it.
 */
export function writeStatements(
  connection: WireConnection,
  begin: BeginOptions,
  statements: readonly Statement[],
  options: SendOptions,
): WrittenBatch {
  const out = new BatchOut(connection, options.style, begin.actor.role);
  for (const statement of statements) {
    out.statement(statement, options.nonce);
    // Unnamed, because it may have been DEALLOCATE ALL.
    if (statement.plan.origin === 'raw') out.unnamedSetUp(begin, options);
  }
  return out.finish();
}

export function writeCommand(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.command(text);
  return out.finish();
}

/** Set-up, then Parse and Describe of the batch's first statement, which is not run. */
export function writeDescribe(connection: WireConnection, batch: Batch, options: SendOptions): WrittenBatch {
  const out = new BatchOut(connection, options.style, batch.actor.role);
  out.setUp(batch, options);
  out.describe(batch.statements[0]?.plan.text ?? '');
  return out.finish();
}

/** Parse and Describe inside an interactive transaction. */
export function writeDescribeOnly(connection: WireConnection, text: string): WrittenBatch {
  const out = new BatchOut(connection, 'named', '');
  out.describe(text);
  return out.finish();
}

class BatchOut {
  readonly #connection: WireConnection;
  readonly #style: SendStyle;
  readonly #role: string;
  readonly #writer: FrontendWriter;
  readonly #steps: Step[] = [];
  /** Statements of this batch: in use, and those whose Parse it holds. */
  readonly #inUse: PreparedStatement[] = [];
  #parsing: Set<PreparedStatement> | undefined;

  constructor(connection: WireConnection, style: SendStyle, role: string) {
    this.#connection = connection;
    this.#style = style;
    this.#role = role;
    this.#writer = connection.writer();
  }

  setUp(
    batch: SetUpOf & Pick<Batch, 'ownTransactions'>,
    options: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
  ): void {
    if (this.#style === 'document') {
      this.unnamedSetUp(batch, options);
      return;
    }
    const parts = partsOf(batch, options);
    // The set-up runs as the login role, whatever role it then takes: one name serves all.
    const setUp = setUpFor(batch.ownTransactions === true ? 'lasting' : parts.access, parts.settings.length);
    const { name } = this.#prepare(setUp.name, '', setUp.text, 'nonce');
    this.#writer.bind(name, setUpValues(parts)).execute();
  }

  unnamedSetUp(
    batch: SetUpOf,
    options: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
  ): void {
    this.#writer
      .append(parseMessage(UNPREPARED_SET_UP, UNPREPARED_SET_UP.text))
      .bind('', unpreparedSetUpValues(partsOf(batch, options)))
      .execute();
    this.#steps.push(UNNAMED_NONCE);
  }

  statement(statement: Statement, nonce: string): void {
    const { plan, values } = statement;
    if (this.#style !== 'named') {
      if (plan.document === '') {
        throw new ValidationError('This statement cannot answer in transaction mode.', {
          code: 'UNSUPPORTED',
          hint: "SHOW, EXPLAIN, CALL and the like need typed rows: use the mode 'direct' or 'session'.",
        });
      }
      if (this.#style === 'named-document' && plan.origin === 'compiled') {
        const { name } = this.#prepare(documentName(plan), this.#role, plan.document, 'document');
        this.#writer.bind(name, values, nonce).execute();
        return;
      }
      this.#writer.append(parseMessage(plan, plan.document)).bind('', values, nonce).execute();
      this.#steps.push(UNNAMED_DOCUMENT);
    } else if (plan.origin === 'raw') {
      this.#writer.parse('', plan.text).describe('').bind('', values).execute();
      this.#steps.push(plan.toSavepoint === true ? RAW_TO_SAVEPOINT : RAW);
    } else {
      const { name } = this.#prepare(plan.name, this.#role, plan.text, 'rows');
      this.#writer.bind(name, values).execute();
    }
  }

  command(text: string): void {
    this.#writer.parse('', text).bind('', []).execute();
    this.#steps.push(commandStep(text));
  }

  describe(text: string): void {
    this.#writer.parse('', text).describe('');
    this.#steps.push({ kind: 'describe' });
  }

  finish(): WrittenBatch {
    for (const name of this.#connection.prepared.evict(this.#inUse)) {
      this.#close(name);
    }
    return { bytes: this.#writer.sync().finish(), steps: this.#steps };
  }

  /** Writes what has to go before the Bind of a named statement, and notes what it answers with. */
  #prepare(
    planName: string,
    role: string,
    text: string,
    answer: 'nonce' | 'rows' | 'document',
  ): PreparedStatement {
    const { prepared } = this.#connection;
    const statement = prepared.use(planName, role);
    this.#inUse.push(statement);
    const parse = !statement.ready && this.#parsing?.has(statement) !== true;
    const describe = parse && answer === 'rows';
    if (parse) {
      this.#parsing ??= new Set();
      this.#parsing.add(statement);
      if (prepared.mustClose(statement.name)) this.#close(statement.name);
      this.#writer.parse(statement.name, text);
      if (describe) this.#writer.describe(statement.name);
    }
    this.#steps.push({ kind: 'execute', parse, describe, answer, prepared: statement });
    return statement;
  }

  #close(name: string): void {
    this.#writer.closeStatement(name);
    this.#steps.push({ kind: 'close', name });
  }
}

type SetUpOf = Pick<Batch, 'actor' | 'access' | 'settings'>;

function partsOf(
  { actor, access, settings = NO_SETTINGS }: SetUpOf,
  { searchPath, statementTimeoutMs, nonce }: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
): SetUpParts {
  return { actor, access, settings, searchPath, statementTimeoutMs, nonce };
}

const NO_SETTINGS: readonly never[] = [];

const documentNames = new WeakMap<Plan, string>();

/** Kept with its plan: the document is sent with every batch. */
function documentName(plan: Plan): string {
  let name = documentNames.get(plan);
  if (name === undefined) {
    name = statementName(plan.document);
    documentNames.set(plan, name);
  }
  return name;
}

const parseMessages = new WeakMap<object, Buffer>();

/** Parse of the unnamed statement as bytes, kept for as long as its text: it is sent with every batch. */
function parseMessage(owner: object, text: string): Buffer {
  let message = parseMessages.get(owner);
  if (message === undefined) {
    // A copy has no more memory than it takes.
    message = Buffer.copyBytesFrom(new FrontendWriter().parse('', text).finish());
    parseMessages.set(owner, message);
  }
  return message;
}
