import { CommandLineError } from '../src/cli/exit-code.ts';
import { DatabaseError } from '../src/contract/errors.ts';

/** An error meant for the user ends the command with its message and code 2, not with a stack trace. */
export async function endingClearly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DatabaseError || error instanceof CommandLineError)) throw error;
    process.stderr.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    process.exitCode = 2;
  }
}
