import type { Json } from '../json-object.ts';

/** A trip as it is read. Dates are `2027-05-01`, moments are ISO 8601. */
export interface Trip {
  readonly id: string;
  readonly owner_id: string;
  readonly destination_id: number | null;
  readonly title: string;
  readonly description: string;
  readonly status: 'planning' | 'booked' | 'completed' | 'cancelled';
  readonly visibility: 'private' | 'public';
  readonly starts_on: string | null;
  readonly ends_on: string | null;
  /** In units of `currency`. */
  readonly budget: number | null;
  readonly currency: string | null;
  readonly tags: string[];
  readonly metadata: NonNullable<Json>;
  readonly created_at: string;
  readonly updated_at: string;
}

/** All but the embedding, which only searches need. */
export const TRIP_COLUMNS = [
  'id',
  'owner_id',
  'destination_id',
  'title',
  'description',
  'status',
  'visibility',
  'starts_on',
  'ends_on',
  'budget',
  'currency',
  'tags',
  'metadata',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Trip)[];

/** A trip that a text was found in. */
export interface FoundTrip extends Trip {
  /** By `ts_rank_cd`: higher is better, and only comparable within one search. */
  readonly rank: number;
}

/** A trip that is like another one. */
export interface AlikeTrip extends Trip {
  /** Cosine similarity of the embeddings: 1 for the same direction. */
  readonly similarity: number;
}

/** Who shares a trip. */
export interface Collaborator {
  readonly user_id: string;
  readonly role: 'viewer' | 'editor';
  readonly created_at: string;
}

export const COLLABORATOR_COLUMNS = [
  'user_id',
  'role',
  'created_at',
] as const satisfies readonly (keyof Collaborator)[];
