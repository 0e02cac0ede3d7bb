/** Who acts. Of a user the model needs the id alone. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'service' };

export const ANONYMOUS: Caller = { kind: 'anonymous' };
export const SERVICE: Caller = { kind: 'service' };

export function nameOf(caller: Caller): string {
  return caller.kind === 'user' ? `user ${caller.id.slice(-4)}` : caller.kind;
}
