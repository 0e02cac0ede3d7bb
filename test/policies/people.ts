/** Who acts in a generated world. */
export interface People {
  /** Two groups that share trips among themselves, and a traveller who is in both. */
  readonly groups: readonly (readonly string[])[];
  /** Has a profile, and shares nothing at the beginning. */
  readonly loner: string;
  /** Can sign in and has no profile. */
  readonly newcomer: string;
  /** Has a token and no account. */
  readonly ghost: string;
}

export function everyone({ groups, loner, newcomer, ghost }: People): readonly string[] {
  return [...new Set([...groups.flat(), loner, newcomer, ghost])];
}
