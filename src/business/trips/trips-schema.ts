import type { Json } from '../json-object.ts';
import type { FoundTrip } from './trip.ts';

/** The tables and functions of trips, as `supabase gen types` writes them: what `createTrips` asks of a `Database`. */
export interface TripsSchema {
  Tables: {
    trips: {
      Row: TripColumns;
      Insert: Partial<TripColumns> & Pick<TripColumns, 'title'>;
      Update: Partial<TripColumns>;
    };
    trip_collaborators: {
      Row: CollaboratorColumns;
      Insert: Partial<CollaboratorColumns> & Pick<CollaboratorColumns, 'trip_id' | 'user_id'>;
      Update: Partial<CollaboratorColumns>;
    };
  };
  Views: Record<never, never>;
  Functions: {
    search_trips: {
      Args: { max_rows?: number; query: string; with_status?: TripColumns['status'] };
      Returns: FoundTrip[];
    };
  };
}

/** A row of `trips`. */
interface TripColumns {
  budget: number | null;
  created_at: string;
  currency: string | null;
  description: string;
  destination_id: number | null;
  embedding: string | null;
  ends_on: string | null;
  id: string;
  metadata: NonNullable<Json>;
  owner_id: string;
  starts_on: string | null;
  status: 'planning' | 'booked' | 'completed' | 'cancelled';
  tags: string[];
  title: string;
  updated_at: string;
  visibility: 'private' | 'public';
}

/** A row of `trip_collaborators`. */
interface CollaboratorColumns {
  created_at: string;
  role: 'viewer' | 'editor';
  trip_id: string;
  updated_at: string;
  user_id: string;
}
