/** Why an answer may not be kept. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What it is, such as `policy "members see" of "public.trips" calls public.is_member(uuid)`. It holds no value. */
  readonly what: string;
  /** What would help, where something would. */
  readonly hint: string | undefined;
}

export type RefusalReason =
  | 'time'
  | 'setting'
  | 'undeclared function'
  | 'volatile function'
  | 'unknown function'
  | 'unknown expression'
  | 'unknown relation'
  | 'unknown role'
  | 'foreign table'
  | 'system catalog'
  | 'claim left out'
  | 'unwatched table'
  | 'not listening'
  | 'estimate';
