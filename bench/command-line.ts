import { DatabaseError, ValidationError } from '../src/contract/errors.ts';

/** Throws a `ValidationError` for an option that the command does not have; the parser lets them pass. */
export function refuseUnknown(given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (name === '_' || name in known) continue;
    const allowed = Object.keys(known).map((each) => `--${each}`);
    throw new ValidationError(`There is no option --${name}. Known options: ${allowed.join(', ')}.`);
  }
  const [extra] = '_' in given && Array.isArray(given._) ? given._ : [];
  if (extra !== undefined) throw new ValidationError(`Unexpected argument: ${JSON.stringify(extra)}.`);
}

/** An error meant for the user ends the command with its message and code 2, not with a stack trace. */
export async function endingClearly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    process.stderr.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    process.exitCode = 2;
  }
}
