/** Reads the messages of one batch as the statements that it runs, for the fakes of the tests. */
import { readBind, readParse, type TypedMessage } from './message-reader.ts';

/** One statement of a batch: its messages up to and with Execute. */
export interface BatchStep {
  readonly messages: readonly TypedMessage[];
  /** Text of its Parse; undefined when it binds a statement prepared before. */
  readonly sql: string | undefined;
  /** Name of the prepared statement, empty for the unnamed one. */
  readonly statement: string;
  readonly values: readonly (string | null)[];
}

export interface SteppedBatch {
  readonly steps: readonly BatchStep[];
  /** What follows the last Execute: the Sync, or nothing. */
  readonly rest: readonly TypedMessage[];
}

export function stepsOf(messages: readonly TypedMessage[]): SteppedBatch {
  const steps: BatchStep[] = [];
  let open: TypedMessage[] = [];
  for (const sent of messages) {
    open.push(sent);
    if (sent.code !== 'E') continue;
    steps.push(stepOf(open));
    open = [];
  }
  return { steps, rest: open };
}

function stepOf(messages: readonly TypedMessage[]): BatchStep {
  const parse = messages.find(({ code }) => code === 'P');
  const bind = messages.find(({ code }) => code === 'B');
  const bound = bind && readBind(bind.body);
  return {
    messages,
    sql: parse && readParse(parse.body).sql,
    statement: bound?.statement ?? '',
    values: bound?.values.map((value) => value?.toString('utf8') ?? null) ?? [],
  };
}
