import { tagOf } from './command-tags.ts';
import type { ExecuteStep, Step } from './steps.ts';

/** Steps of statements that are parsed each time, shared by all batches. */
export const UNNAMED_NONCE = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'nonce',
  prepared: undefined,
} as const satisfies Step;
export const DEFAULTS: Step = { ...UNNAMED_NONCE, answer: 'defaults' };
/** No other statement answers with these: raw SQL that does has left the transaction that it was sent in. */
const CONTROL_TAGS = new Set([
  'BEGIN',
  'START TRANSACTION',
  'COMMIT',
  'PREPARE TRANSACTION',
  'COMMIT PREPARED',
  'ROLLBACK PREPARED',
]);
export const RAW_TO_SAVEPOINT = {
  ...UNNAMED_NONCE,
  describe: true,
  answer: 'rows',
  control: CONTROL_TAGS,
} as const satisfies Step;
export const RAW: Step = { ...RAW_TO_SAVEPOINT, control: new Set([...CONTROL_TAGS, 'ROLLBACK']) };
export const UNNAMED_DOCUMENT: Step = { ...UNNAMED_NONCE, answer: 'document' };

export const DESCRIBE: Step = { kind: 'describe' };
export const DESCRIBE_AHEAD: Step = { kind: 'describe', ahead: true };

/** Commands that were prepared. */
export const PREPARED_RESET: ExecuteStep = {
  ...UNNAMED_NONCE,
  parse: false,
  answer: 'command',
  tag: 'RESET',
};
export const PREPARED_DISCARD_TEMP: ExecuteStep = { ...PREPARED_RESET, tag: 'DISCARD TEMP' };

export function commandStep(text: string): Step {
  return { ...UNNAMED_NONCE, answer: 'command', tag: tagOf(text) };
}
