import { ConfigurationError } from '../../contract/errors.ts';
import type { Batch, BeginOptions } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { FrontendWriter } from './frontend-writer.ts';
import { type PreparedStatement, PreparedStatements } from './prepared-statements.ts';
import { DEFAULTS_CHECK, defaultsCheckValues } from './session-defaults.ts';
import {
  RESET_ALL,
  SET_UP_AGAIN,
  type SetUpParts,
  setUpFor,
  setUpValues,
  UNPREPARED_SET_UP,
  unpreparedSetUpValues,
} from './set-up.ts';
import { type StaticCommands, UNNAMED_DISCARD_TEMP, UNNAMED_RESET } from './static-commands.ts';
import type { ExecuteStep, Step } from './steps.ts';
import {
  commandStep,
  DEFAULTS,
  DESCRIBE,
  DESCRIBE_AHEAD,
  PREPARED_DISCARD_TEMP,
  PREPARED_RESET,
  RAW,
  RAW_TO_SAVEPOINT,
  UNNAMED_DOCUMENT,
  UNNAMED_NONCE,
} from './unnamed-steps.ts';
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
  /** The server may be another one for each batch. */
  readonly pooled: boolean;
  /** A default that was left behind met the first try: the batch is led by what undoes it. */
  readonly led: boolean;
}

/** Puts one batch into the connection's writer, and notes what has to be answered. */
export class BatchOut {
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

  /** Undoes what others left behind, and finds out once per connection what the session is then. */
  reset({ searchPath }: Pick<SendOptions, 'searchPath'>): void {
    if (this.#style === 'document') this.commands(UNNAMED_RESET);
    else this.#preparedCommand(RESET, PREPARED_RESET);
    if (this.#connection.defaults !== 'asked') return;
    this.#writer.parse('', DEFAULTS_CHECK).bind('', defaultsCheckValues(searchPath)).execute();
    this.#steps.push(DEFAULTS);
  }

  discardTemp(): void {
    if (this.#style === 'document') this.commands(UNNAMED_DISCARD_TEMP);
    else this.#preparedCommand(DISCARD_TEMP, PREPARED_DISCARD_TEMP);
  }

  commands({ bytes, steps }: StaticCommands): void {
    this.#writer.append(bytes);
    for (const step of steps) this.#steps.push(step);
  }

  setUp(
    batch: SetUpOf & Pick<Batch, 'ownTransactions'>,
    options: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
  ): void {
    if (this.#style === 'document') {
      this.#unnamedSetUp(UNPREPARED_SET_UP, batch, options);
      return;
    }
    const parts = partsOf(batch, options);
    // The set-up runs as the login role, whatever role it then takes: one name serves all.
    const kind = own(batch, 'ownTransactions') === true ? 'lasting' : parts.access;
    const pinned = this.#connection.defaults === 'pinned';
    const setUp = setUpFor({ kind, pinned }, parts.settings.length);
    const { name } = this.#prepare(setUp.name, '', setUp.text, 'nonce');
    this.#writer.bind(name, setUpValues(parts, pinned)).execute();
  }

  /** Inside a transaction. Unnamed, because what ran before may have been DEALLOCATE ALL. */
  setUpAgain(begin: BeginOptions, options: SendOptions): void {
    this.#unnamedSetUp(SET_UP_AGAIN, begin, options);
  }

  #unnamedSetUp(
    setUp: { readonly text: string },
    batch: SetUpOf,
    options: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
  ): void {
    this.#writer
      .append(parseMessage(setUp, setUp.text))
      .bind('', unpreparedSetUpValues(partsOf(batch, options)))
      .execute();
    this.#steps.push(UNNAMED_NONCE);
  }

  statement(statement: Statement, nonce: string): void {
    const { plan, values } = statement;
    if (this.#style !== 'named' || answersDocument(plan)) {
      if (plan.document === '') {
        throw new ConfigurationError('This statement cannot answer in transaction mode.', {
          code: 'UNSUPPORTED',
          hint: "SHOW, EXPLAIN, CALL and the like need typed rows: use the mode 'direct' or 'session'.",
        });
      }
      if (this.#style !== 'document' && plan.origin === 'compiled') {
        const { name } = this.#prepare(documentName(plan), this.#role, plan.document, 'document');
        this.#writer.bind(name, values, nonce).execute();
        return;
      }
      if (plan.origin === 'raw' && own(statement, 'isDescribed') === true)
        this.describe(plan.text, DESCRIBE_AHEAD);
      this.#writer.append(parseMessage(plan, plan.document)).bind('', values, nonce).execute();
      this.#steps.push(UNNAMED_DOCUMENT);
    } else if (plan.origin === 'raw') {
      this.#writer.parse('', plan.text).describe('').bind('', values).execute();
      this.#steps.push(own(plan, 'toSavepoint') === true ? RAW_TO_SAVEPOINT : RAW);
    } else {
      const { name } = this.#prepare(plan.name, this.#role, plan.text, 'rows');
      this.#writer.bind(name, values).execute();
    }
  }

  command(text: string): void {
    this.#writer.parse('', text).bind('', []).execute();
    this.#steps.push(commandStep(text));
  }

  describe(text: string, step: Step = DESCRIBE): void {
    this.#writer.parse('', text).describe('');
    this.#steps.push(step);
  }

  finish(): WrittenBatch {
    for (const name of this.#connection.prepared.evict(this.#inUse)) {
      this.#close(name);
    }
    return { bytes: this.#writer.sync().finish(), steps: this.#steps };
  }

  /** @param step - of the command once it is prepared */
  #preparedCommand(command: PreparedCommand, step: ExecuteStep): void {
    const statement = this.#connection.prepared.use(command.name, '');
    if (statement.ready && statement.name === command.serverName) {
      this.#inUse.push(statement);
      this.#steps.push(step);
      this.#writer.append(command.run);
    } else {
      this.#prepare(command.name, '', command.text, 'command', step.tag);
      this.#writer.bind(statement.name, NO_VALUES).execute();
    }
  }

  /** Writes what has to go before the Bind of a named statement, and notes what it answers with. */
  #prepare(
    planName: string,
    role: string,
    text: string,
    answer: ExecuteStep['answer'],
    tag?: string,
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
    this.#steps.push({ kind: 'execute', parse, describe, answer, tag, prepared: statement });
    return statement;
  }

  #close(name: string): void {
    this.#writer.closeStatement(name);
    this.#steps.push({ kind: 'close', name });
  }
}

type SetUpOf = Pick<Batch, 'actor' | 'access' | 'settings'> & Partial<Pick<BeginOptions, 'isolation'>>;

function partsOf(
  of: SetUpOf,
  { searchPath, statementTimeoutMs, nonce }: Pick<SendOptions, 'searchPath' | 'nonce' | 'statementTimeoutMs'>,
): SetUpParts {
  const { actor, access } = of;
  const settings = own(of, 'settings') ?? NO_SETTINGS;
  // A batch has none of its own.
  const isolation = own(of, 'isolation') ?? 'read committed';
  return { actor, access, isolation, settings, searchPath, statementTimeoutMs, nonce };
}

const NO_VALUES: readonly never[] = [];

/** A command without values that is prepared, with the bytes that run it. */
interface PreparedCommand {
  readonly name: string;
  readonly text: string;
  /** On a connection whose first statement is one for all roles, as all are. */
  readonly serverName: string;
  readonly run: Buffer;
}

function preparedCommand(text: string): PreparedCommand {
  const name = statementName(text);
  const serverName = new PreparedStatements(1).use(name, '').name;
  const written = new FrontendWriter().bind(serverName, NO_VALUES).execute().finish();
  return { name, text, serverName, run: Buffer.copyBytesFrom(written) };
}

const RESET = preparedCommand(RESET_ALL);
const DISCARD_TEMP = preparedCommand('discard temp');
const NO_SETTINGS: readonly never[] = [];

/** Its own: what somebody put on every object's prototype says nothing of a plan. */
function answersDocument(plan: Plan): boolean {
  return own(plan, 'answersDocument') === true;
}

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
