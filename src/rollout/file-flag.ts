import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ConfigurationError } from '../contract/errors.ts';
import type { FlagSource, RolloutTrip } from './flag-source.ts';
import { readTrip } from './stored-trip.ts';

/**
 * The flag as JSON in a file that all processes of one machine, or of one mounted volume, read. Without the file there is no
 * flag, and everything goes to the legacy service.
 *
 * A trip of the guard is another file beside it, `<path>.tripped`, so that no process ever writes over what you wrote. To let
 * traffic return, call `reset()` or remove that file.
 *
 * Replace the file as a whole (write another one and rename it). What is read while it is half written is refused, and the
 * last flag is used until it is whole.
 *
 * @example
 * ```ts
 * const rollout = createRollout({ legacy, consolidated: db, flag: fileFlag('/etc/api/rollout.json') });
 * ```
 */
export function fileFlag(path: string): FlagSource {
  const tripPath = `${path}.tripped`;
  return {
    async read() {
      const [flag, trip] = await Promise.all([textOf(path), textOf(tripPath)]);
      return {
        flag: flag === undefined ? undefined : parsed(flag, path),
        trip: trip === undefined ? undefined : readTrip(parsed(trip, tripPath)),
      };
    },
    watch(changed) {
      const names = new Set([basename(path), basename(tripPath)]);
      try {
        // The folder: a file that is replaced is another one.
        const watcher = watch(dirname(path), { persistent: false }, (_, name) => {
          if (name === null || names.has(name)) changed();
        });
        // It is read several times a second anyway.
        watcher.on('error', () => watcher.close());
        return () => watcher.close();
      } catch {
        // No folder yet, or no watches left: the same.
        return () => {};
      }
    },
    trip: (trip) => storeOnce(tripPath, trip),
    reset: () => rm(tripPath, { force: true }),
  };
}

/** Whole, and only where there is none: the first of several processes wins. */
async function storeOnce(path: string, trip: RolloutTrip): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, `${JSON.stringify(trip)}\n`, { flag: 'wx' });
    await link(aside, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message quotes the content.
    throw new ConfigurationError(`The file ${JSON.stringify(path)} is not JSON.`, { code: 'INVALID_FLAG' });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
