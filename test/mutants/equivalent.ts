import type { DrawnMutant } from './drawn-mutants.ts';

/** A drawn mutant that no test can kill, because it changes nothing that anybody could see. */
export interface Equivalent {
  readonly file: string;
  readonly symbol: string;
  /** As the report prints it. */
  readonly change: string;
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/modes/wire/frontend-writer.ts',
    symbol: 'FrontendWriter.#reserve',
    change:
      'const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2)); → const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 3));',
    reason: 'how much room is made ahead changes none of the bytes',
  },
  {
    file: 'src/modes/wire/prepared-statements.ts',
    symbol: 'PreparedStatements.use',
    change: 'this.#uses += 1; → this.#uses += 2;',
    reason: 'only the order of these numbers counts',
  },
  {
    file: 'src/modes/pool/members.ts',
    symbol: 'Members.isOver',
    change:
      'return (this.#endsAt.get(connection) ?? 0) <= this.#parts.clock.now(); → return (this.#endsAt.get(connection) ?? 1) <= this.#parts.clock.now();',
    reason: 'every connection that is asked about is a member, so that it has a time',
  },
  {
    file: 'src/consolidated/transaction/transaction-place.ts',
    symbol: 'savepoints',
    change: 'let savepoints = 0; → let savepoints = 1;',
    reason: 'only that no two savepoints have one name counts',
  },
];

export function equivalentOf({
  file,
  symbol,
  change,
}: Pick<DrawnMutant, 'file' | 'symbol' | 'change'>): Equivalent | undefined {
  return EQUIVALENT.find((one) => one.file === file && one.symbol === symbol && one.change === change);
}
