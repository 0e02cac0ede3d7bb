import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from './chroot-process.ts';
import { StackError } from './stack-error.ts';
import type { StackFolder } from './stack-state.ts';

const WAIT_MS = 300_000;

/** One program at a time changes the stack; a lock whose holder is gone is taken over. */
export async function withLock<T>(folder: StackFolder, fn: () => Promise<T>): Promise<T> {
  const end = performance.now() + WAIT_MS;
  while (!take(folder.lockFile)) {
    if (performance.now() > end) {
      throw new StackError(`another program has been at work on the stack for ${WAIT_MS / 1000} s`);
    }
    await delay(100);
  }
  try {
    return await fn();
  } finally {
    rmSync(folder.lockFile, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

// A reader that comes between the making of the file and its writing finds it empty: held.
function isHeld(file: string): boolean {
  const holder = readFileSync(file, 'utf8');
  return holder === '' || isRunning(Number(holder));
}
