/**
 * A `Database` as `supabase gen types typescript` of CLI 3.1 prints it (formatted): the type tests hold the
 * public types against this format. It holds what the generator has a shape of its own for: `NonNullable<Json>`
 * for json that is not null, `unknown` for ranges, `never` for generated columns, a computed field, views with
 * and without `Insert`, overloads, and the signatures that it marks as not callable.
 */

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  __InternalSupabase: {
    PostgrestVersion: '13.0.5';
  };
  billing: {
    Tables: {
      invoices: {
        Row: {
          amount: number;
          id: number;
          paid: boolean;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          id: number;
          paid?: boolean;
        };
        Update: {
          amount?: number;
          id?: number;
          paid?: boolean;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      [_ in never]: never;
    };
    Enums: {
      plan: 'free' | 'pro';
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
  public: {
    Tables: {
      api_keys: {
        Row: {
          id: string;
          key_hash: string;
          revoked_at: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          key_hash: string;
          revoked_at?: string | null;
          user_id: string;
        };
        Update: {
          id?: string;
          key_hash?: string;
          revoked_at?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'api_keys_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['id'];
          },
        ];
      };
      destinations: {
        Row: {
          country: string;
          embedding: string | null;
          id: number;
          name: string;
          population: number | null;
        };
        ComputedFields: never;
        Insert: {
          country: string;
          embedding?: string | null;
          id?: number;
          name: string;
          population?: number | null;
        };
        Update: {
          country?: string;
          embedding?: string | null;
          id?: number;
          name?: string;
          population?: number | null;
        };
        Relationships: [];
      };
      profiles: {
        Row: {
          created_at: string;
          display_name: string | null;
          email: string;
          id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          display_name?: string | null;
          email: string;
          id: string;
        };
        Update: {
          created_at?: string;
          display_name?: string | null;
          email?: string;
          id?: string;
        };
        Relationships: [];
      };
      trips: {
        Row: {
          at: Database['public']['CompositeTypes']['geo'] | null;
          budget: number | null;
          during: unknown;
          id: string;
          meta: NonNullable<Json>;
          seats: number;
          seq: number;
          status: Database['public']['Enums']['trip_status'];
          tags: string[];
          title: string;
          title_len: number | null;
          user_id: string;
          title_upper: string | null;
        };
        ComputedFields: 'title_upper';
        Insert: {
          at?: Database['public']['CompositeTypes']['geo'] | null;
          budget?: number | null;
          during?: unknown;
          id?: string;
          meta?: NonNullable<Json>;
          seats?: number;
          seq?: never;
          status?: Database['public']['Enums']['trip_status'];
          tags?: string[];
          title: string;
          title_len?: never;
          user_id: string;
        };
        Update: {
          at?: Database['public']['CompositeTypes']['geo'] | null;
          budget?: number | null;
          during?: unknown;
          id?: string;
          meta?: NonNullable<Json>;
          seats?: number;
          seq?: never;
          status?: Database['public']['Enums']['trip_status'];
          tags?: string[];
          title?: string;
          title_len?: never;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'trips_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      trip_titles: {
        Row: {
          id: string;
          title: string;
        };
        ComputedFields: never;
        Insert: {
          id?: string | null;
          title?: string | null;
        };
        Update: {
          id?: string | null;
          title?: string | null;
        };
        Relationships: [];
      };
      trip_totals: {
        Row: {
          budget: number | null;
          trips: number | null;
          user_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'trips_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Functions: {
      add_numbers: { Args: { a: number; b?: number }; Returns: number };
      all_default: { Args: { a?: number }; Returns: number };
      amb:
        | {
            Args: { a: number };
            Returns: {
              error: true;
            } & 'Could not choose the best candidate function between: public.amb(a => int4), public.amb(a => text). Try renaming the parameters or the function itself in the database so function overloading can be resolved';
          }
        | {
            Args: { a: string };
            Returns: {
              error: true;
            } & 'Could not choose the best candidate function between: public.amb(a => int4), public.amb(a => text). Try renaming the parameters or the function itself in the database so function overloading can be resolved';
          };
      do_it: { Args: { x: Json }; Returns: undefined };
      find_trip:
        | {
            Args: { id: string };
            Returns: {
              at: Database['public']['CompositeTypes']['geo'] | null;
              budget: number | null;
              during: unknown;
              id: string;
              meta: NonNullable<Json>;
              seats: number;
              seq: number;
              status: Database['public']['Enums']['trip_status'];
              tags: string[];
              title: string;
              title_len: number | null;
              user_id: string;
            }[];
            SetofOptions: {
              from: '*';
              to: 'trips';
              isOneToOne: false;
              isSetofReturn: true;
            };
          }
        | {
            Args: { lim: number; title: string };
            Returns: {
              at: Database['public']['CompositeTypes']['geo'] | null;
              budget: number | null;
              during: unknown;
              id: string;
              meta: NonNullable<Json>;
              seats: number;
              seq: number;
              status: Database['public']['Enums']['trip_status'];
              tags: string[];
              title: string;
              title_len: number | null;
              user_id: string;
            }[];
            SetofOptions: {
              from: '*';
              to: 'trips';
              isOneToOne: false;
              isSetofReturn: true;
            };
          };
      ov: { Args: Record<PropertyKey, never>; Returns: number } | { Args: { a: string }; Returns: string };
      title_upper: {
        Args: { '': Database['public']['Tables']['trips']['Row'] };
        Returns: {
          error: true;
        } & 'the function public.title_upper with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache';
      };
      top: {
        Args: { n: number };
        Returns: {
          n: number;
          title: string;
        }[];
      };
      vari: { Args: { a: number[] }; Returns: number };
      version_of: { Args: Record<PropertyKey, never>; Returns: string };
    };
    Enums: {
      trip_status: 'planned' | 'booked' | 'done';
    };
    CompositeTypes: {
      geo: {
        lat: number | null;
        lon: number | null;
      };
    };
  };
};
