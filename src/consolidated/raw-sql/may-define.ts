import type { Token } from './scan.ts';

/** These change relations and types, or undo that. */
const DEFINING: ReadonlySet<string> = new Set(['alter', 'create', 'drop', 'do', 'import', 'rollback']);

/**
 * True for a statement behind which relations and types may be others. A function or a procedure that runs DDL is not
 * known by its words: to read the catalog again behind each CALL would cost far more than the call.
 */
export function mayDefine([first]: readonly Token[]): boolean {
  return first?.kind === 'word' && DEFINING.has(first.text);
}
