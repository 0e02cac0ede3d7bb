/** Who acts. Of a user the model needs the id alone, and whether a program acts, by an API key of the user. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: string; readonly byKey?: true }
  | { readonly kind: 'service' };

export const ANONYMOUS: Caller = { kind: 'anonymous' };
export const SERVICE: Caller = { kind: 'service' };

export function nameOf(caller: Caller): string {
  if (caller.kind !== 'user') return caller.kind;
  return `${caller.byKey ? 'program of ' : ''}user ${caller.id.slice(-4)}`;
}
