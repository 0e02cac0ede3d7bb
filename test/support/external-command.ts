import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * `describe` for what needs a program of the machine. Without it one skipped entry says so.
 *
 * @param run runs the program and returns what it printed; throws with what it printed when it fails
 */
export function describeCommand(
  name: string,
  { command, debianPackage }: { readonly command: string; readonly debianPackage: string },
  fn: (run: (...args: readonly string[]) => string) => void,
): void {
  if (!isInstalled(command)) {
    const leftOut = `${command} is not installed (Debian: apt-get install ${debianPackage})`;
    describe(name, () => void it.skip(`left out: ${leftOut}`, { meta: { leftOut } }, () => {}));
    return;
  }
  describe(name, () =>
    fn((...args) => {
      try {
        return execFileSync(command, args, {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
          timeout: 60_000,
        });
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
        throw new Error(`${command} failed:\n${stdout}${stderr}`);
      }
    }),
  );
}
