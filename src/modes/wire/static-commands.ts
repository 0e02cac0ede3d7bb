import { FrontendWriter } from './frontend-writer.ts';
import { LEADS, POOLED_WRITE_LEAD, RESET_ALL } from './set-up.ts';
import type { Step } from './steps.ts';
import { commandStep } from './unnamed-steps.ts';

/** Commands without values as bytes, written once in a process. */
export interface StaticCommands {
  readonly bytes: Buffer;
  readonly steps: readonly Step[];
}

export const UNNAMED_RESET = commands(RESET_ALL);

export const UNNAMED_LEADS = { read: commands(LEADS.read), write: commands(LEADS.write) } as const;

export const UNNAMED_POOLED_WRITE_LEAD = commands(POOLED_WRITE_LEAD);

/** Temporary tables of functions and triggers. A read cannot make any. */
export const UNNAMED_DISCARD_TEMP = commands('discard temp');

/**
 * What raw SQL can leave behind on a server connection that is not ours to discard, but for its settings, which the next
 * `reset all` undoes. `discard all` cannot be run in a transaction. The login, which it returns to first, may do all
 * of it.
 */
export const AFTER_RAW = commands(
  'reset role',
  'close all',
  'unlisten *',
  'discard temp',
  'discard sequences',
  'select pg_catalog.pg_advisory_unlock_all()',
);

function commands(...texts: readonly string[]): StaticCommands {
  const writer = new FrontendWriter();
  for (const text of texts) writer.parse('', text).bind('', []).execute();
  return { bytes: Buffer.copyBytesFrom(writer.finish()), steps: texts.map(commandStep) };
}
