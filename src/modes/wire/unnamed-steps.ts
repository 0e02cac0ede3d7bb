import type { Step } from './reply-machine.ts';

/** Steps of statements that are parsed each time, shared by all batches. */
export const UNNAMED_NONCE = {
  kind: 'execute',
  parse: true,
  describe: false,
  answer: 'nonce',
  prepared: undefined,
} as const satisfies Step;
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

export function commandStep(text: string): Step {
  return { ...UNNAMED_NONCE, answer: 'command', tag: tagOf(text) };
}

/** The tag that answers a command of ours: as a rule the word that it begins with. */
function tagOf(command: string): string {
  const [word = ''] = command.split(' ', 1);
  if (word === 'close') return 'CLOSE CURSOR';
  return (word === 'discard' ? command : word).toUpperCase();
}
