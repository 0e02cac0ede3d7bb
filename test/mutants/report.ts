import type { Verdict } from './mutation-run.ts';

export interface TriedMutant {
  readonly name: string;
  /** Of a named mutant. */
  readonly guard: string | undefined;
  readonly verdict: Verdict;
}

/**
 * Prints what survived.
 *
 * @param red - test files that are red by themselves, and why
 * @returns the exit code: 1 where a guard is guarded by no test, or a test could not be asked
 */
export function report(
  tried: readonly TriedMutant[],
  red: ReadonlyMap<string, string>,
  { json, seed }: { json: boolean; seed: string },
): 0 | 1 {
  const failed = tried.filter(
    ({ verdict }) => verdict.end === 'survived' || verdict.end === 'does not apply',
  );
  if (json) console.log(JSON.stringify({ seed, tried, red: Object.fromEntries(red) }, undefined, 2));
  else {
    console.log('');
    console.log(
      table(
        'named',
        tried.filter(({ guard }) => guard !== undefined),
      ),
    );
    console.log(
      table(
        `drawn with the seed ${seed}`,
        tried.filter(({ guard }) => guard === undefined),
      ),
    );
    for (const { name, guard, verdict } of failed) {
      console.log(`\n${name}: ${inWords(verdict)}`);
      if (guard !== undefined) console.log(`  ${guard}`);
    }
    for (const [file, why] of red) {
      console.log(`\n${file} is red though nothing was changed, and was left out: ${why}`);
    }
  }
  return failed.length === 0 && red.size === 0 ? 0 : 1;
}

export function inWords(verdict: Verdict): string {
  switch (verdict.end) {
    case 'killed':
      return `killed by ${verdict.by}`;
    case 'equivalent':
      return `equivalent, ${verdict.reason}`;
    case 'does not apply':
      return `does not apply, ${verdict.why}`;
    case 'survived':
      return 'SURVIVED';
  }
}

function table(what: string, tried: readonly TriedMutant[]): string {
  const count = (end: Verdict['end']): number => tried.filter(({ verdict }) => verdict.end === end).length;
  const ends = ['killed', 'survived', 'equivalent', 'does not apply'] as const;
  const figures = ends.map((end) => `${count(end)} ${end}`).join(', ');
  return `${tried.length} ${what}: ${figures}`;
}
