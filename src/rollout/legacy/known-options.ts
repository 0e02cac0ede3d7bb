import { UsageError } from '../../contract/errors.ts';

/** The options that a method knows: its own, and the limits of every call. The Data API has no modes and keeps no answers. */
export function knownOptions(
  method: string,
  ...names: readonly string[]
): { readonly method: string; readonly names: ReadonlySet<string> } {
  return { method, names: new Set([...names, 'timeoutMs', 'signal']) };
}

/** `cache: false` says what is so. */
export function refuseCache({ cache }: { readonly cache?: unknown }): void {
  if (cache === undefined || cache === false) return;
  throw new UsageError('A legacy database keeps no answers: it would not hear what outdates them.', {
    code: 'NOT_OVER_DATA_API',
    hint: "Leave the option 'cache' out.",
  });
}
