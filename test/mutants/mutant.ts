import { sourceSymbols } from './source-symbols.ts';
import { sqlSymbols } from './sql-symbols.ts';

/** A change of the source text that takes a guard out. It is addressed by symbol, never by line. */
export interface Mutant {
  readonly name: string;
  /** Relative to the root of the project. */
  readonly file: string;
  /** `name` or `Class.member`; of SQL what `create` names. */
  readonly symbol: string;
  /** Stands exactly once within the symbol; any white space matches any other. */
  readonly find: string;
  readonly replace: string;
}

export interface NamedMutant extends Mutant {
  /** What is no longer so when the guard is out. */
  readonly guard: string;
  /** Test files, one of which is to go red. */
  readonly tests: readonly [string, ...string[]];
}

/** A mutant that the source text has outgrown. */
export class DoesNotApply extends Error {
  override readonly name = 'DoesNotApply';
}

/** The text without the guard. */
export function mutated(text: string, { name, file, symbol, find, replace }: Mutant): string {
  const symbols = file.endsWith('.sql') ? sqlSymbols(text) : sourceSymbols(text);
  const spans = symbols.filter((declared) => declared.name === symbol);
  if (spans.length === 0) throw new DoesNotApply(`'${name}': ${file} has no ${symbol}.`);
  const pattern = new RegExp(find.trim().split(/\s+/).map(escaped).join('\\s+'), 'g');
  const found = spans.flatMap(({ start, end }) =>
    [...text.slice(start, end).matchAll(pattern)].map((match) => ({
      start: start + match.index,
      end: start + match.index + match[0].length,
    })),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new DoesNotApply(
      `'${name}': ${symbol} of ${file} holds '${find}' ${found.length} times, not exactly once.`,
    );
  }
  return text.slice(0, only.start) + replace + text.slice(only.end);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
