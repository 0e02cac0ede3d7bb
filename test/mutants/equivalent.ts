/** A drawn mutant that no test can kill, because it changes nothing that anybody could see. */
export interface Equivalent {
  readonly file: string;
  readonly symbol: string;
  /** As the report prints it. */
  readonly change: string;
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
