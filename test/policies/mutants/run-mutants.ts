import { allMutants } from './all-mutants.ts';
import { EQUIVALENT, equivalentOf } from './equivalent.ts';
import { judge, type Verdict } from './judge.ts';

/** What nobody can notice is not looked for as long. */
const CASES_OF_EQUIVALENT = 300;

export interface MutantsOptions {
  readonly seed: number;
  /** After so many cases the model has not noticed a mutant. */
  readonly cases: number;
  /** Part of the names. @defaultValue all */
  readonly only: string | undefined;
}

/** @returns whether each mutant is noticed by matrix and model, or is known to be equivalent */
export async function runMutants({ seed, cases, only = '' }: MutantsOptions): Promise<boolean> {
  const mutants = (await allMutants()).filter(({ name }) => name.includes(only));
  if (mutants.length === 0) throw new Error(`No mutant has '${only}' in its name.`);
  console.log(`seed ${seed}, ${mutants.length} mutants`);
  const count = { both: 0, matrix: 0, model: 0, equivalent: 0 };
  const wrong: string[] = [];
  for (const [index, mutant] of mutants.entries()) {
    if (process.stdout.isTTY)
      process.stdout.write(`\r\x1b[K${index + 1} of ${mutants.length}: ${mutant.name}`);
    const equivalent = equivalentOf(mutant.name);
    const enough = equivalent === undefined ? cases : Math.min(cases, CASES_OF_EQUIVALENT);
    const verdict = await judge(mutant, { seed: seed + index, cases: enough });
    const isNoticed = verdict.matrix !== undefined || verdict.model !== undefined;
    const isMissed = verdict.matrix === undefined || verdict.model === undefined;
    if (equivalent !== undefined) count.equivalent += 1;
    else count.both += isMissed ? 0 : 1;
    count.matrix += verdict.matrix === undefined ? 0 : 1;
    count.model += verdict.model === undefined ? 0 : 1;
    if (equivalent === undefined ? isMissed : isNoticed) wrong.push(mutant.name);
    console.log(
      `${process.stdout.isTTY ? '\r\x1b[K' : ''}${lineOf(mutant.name, verdict, equivalent?.reason)}`,
    );
  }
  if (only === '') {
    const unknown = EQUIVALENT.filter(({ name }) => !mutants.some((mutant) => mutant.name === name));
    wrong.push(...unknown.map(({ name }) => `${name} (equivalent, but there is no such mutant)`));
  }
  console.log(
    `\n${mutants.length} mutants: the matrix noticed ${count.matrix}, the model ${count.model}, both ${count.both}, equivalent ${count.equivalent}`,
  );
  for (const name of wrong) console.log(`WRONG ${name}`);
  return wrong.length === 0;
}

function lineOf(name: string, { matrix, model, cases }: Verdict, reason: string | undefined): string {
  const told = (noticed: string | undefined) => (noticed === undefined ? 'missed ' : 'noticed');
  const equivalent = reason === undefined ? '' : `  equivalent: ${reason}`;
  return `matrix ${told(matrix)}  model ${told(model)} ${String(cases).padStart(5)} cases  ${name}${equivalent}`;
}
