/** Starting a worker and loading the file, which vitest does not count as the file's duration. */
const START_MS = 500;
/** The mean of a file of this project, for those that have not run here yet. */
const UNKNOWN_FILE_MS = 3_000;

/**
 * How long a run of test files will take, in words.
 *
 * @param lastMs - the duration of each file's last run here, in milliseconds; undefined for one that has not run yet
 * @param workers - how many files run at a time
 */
export function expectedTime(lastMs: readonly (number | undefined)[], workers: number): string {
  const each = lastMs.map((ms) => START_MS + (ms ?? UNKNOWN_FILE_MS));
  const inParallel = each.reduce((sum, ms) => sum + ms, 0) / Math.max(1, workers);
  const unknown = lastMs.filter((ms) => ms === undefined).length;
  return `${inWords(Math.max(inParallel, ...each))} (${sourceOf(unknown, lastMs.length)})`;
}

function sourceOf(unknown: number, all: number): string {
  if (unknown === 0) return 'by the last run of each';
  return unknown === all
    ? 'a guess: none has run here'
    : `a guess for the ${unknown} that did not run here yet`;
}

function inWords(ms: number): string {
  if (ms < 60_000) return `about ${Math.ceil(ms / 1_000)} s`;
  const minutes = Math.round(ms / 60_000);
  return `about ${minutes} minute${minutes === 1 ? '' : 's'}`;
}
