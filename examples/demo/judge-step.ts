import { DatabaseError } from '../../src/index.ts';
import { ExpectationError, type Refusal, type StepReport } from './step.ts';
import type { StepResult } from './step-result.ts';

/** How a step ended, before it is compared with what was wanted. */
export type Ending =
  | { readonly kind: 'done'; readonly report: StepReport }
  | { readonly kind: 'thrown'; readonly error: unknown };

export type Judgement = Pick<StepResult, 'outcome' | 'rows' | 'note' | 'refusal' | 'problem'>;

/**
 * Compares an ending with what was wanted.
 *
 * @param wanted - how the step must be refused; undefined when it must succeed
 */
export function judgeStep(wanted: Refusal | undefined, ending: Ending): Judgement {
  const instead = wanted === undefined ? '' : ` It should be refused with ${nameOf(wanted)}.`;
  if (ending.kind === 'done') {
    if (wanted !== undefined) return failed(`It was allowed.${instead}`);
    return { ...NOTHING, outcome: 'ok', rows: ending.report.rows, note: ending.report.note };
  }
  const { error } = ending;
  if (error instanceof ExpectationError) return failed(`${error.message}${instead}`);
  if (!(error instanceof DatabaseError)) return failed(`${String(error)}${instead}`);
  if (wanted === undefined || !isAsWanted(error, wanted)) {
    return failed(`${nameOf({ error: error.name, code: error.code })}: ${error.message}${instead}`);
  }
  const { name, code, sqlState, message } = error;
  return { ...NOTHING, outcome: 'refused', refusal: { error: name, code, sqlState, reason: message } };
}

const NOTHING = { rows: undefined, note: undefined, refusal: undefined, problem: undefined };

function failed(problem: string): Judgement {
  return { ...NOTHING, outcome: 'failed', problem };
}

function isAsWanted(error: DatabaseError, wanted: Refusal): boolean {
  return error.name === wanted.error && error.code === wanted.code;
}

function nameOf({ error, code }: Refusal): string {
  return `${error} ${code}`;
}
