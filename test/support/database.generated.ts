
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
          Tables: {
            "api_keys": {
                  Row: {
                    "created_at": string,"expires_at": string | null,"id": string,"key_hash": string,"key_prefix": string,"last_used_at": string | null,"name": string,"replaced_at": string | null,"revoked_at": string | null,"scopes": (string)[],"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"expires_at"?: string | null,"id"?: string,"key_hash": string,"key_prefix": string,"last_used_at"?: string | null,"name": string,"replaced_at"?: string | null,"revoked_at"?: string | null,"scopes"?: (string)[],"updated_at"?: string,"user_id"?: string
                  }
                  Update: {
                    "created_at"?: string,"expires_at"?: string | null,"id"?: string,"key_hash"?: string,"key_prefix"?: string,"last_used_at"?: string | null,"name"?: string,"replaced_at"?: string | null,"revoked_at"?: string | null,"scopes"?: (string)[],"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "api_keys_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"destinations": {
                  Row: {
                    "admin_code": string | null,"country_code": string,"created_at": string,"elevation_m": number | null,"embedding": string | null,"feature_code": string,"geoname_id": number | null,"id": number,"latitude": number,"longitude": number,"name": string,"population": number,"search": unknown,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "admin_code"?: string | null,"country_code": string,"created_at"?: string,"elevation_m"?: number | null,"embedding"?: string | null,"feature_code"?: string,"geoname_id"?: number | null,"id"?: number,"latitude": number,"longitude": number,"name": string,"population"?: number,"search"?: never,"updated_at"?: string
                  }
                  Update: {
                    "admin_code"?: string | null,"country_code"?: string,"created_at"?: string,"elevation_m"?: number | null,"embedding"?: string | null,"feature_code"?: string,"geoname_id"?: number | null,"id"?: number,"latitude"?: number,"longitude"?: number,"name"?: string,"population"?: number,"search"?: never,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"profiles": {
                  Row: {
                    "created_at": string,"display_name": string,"email": string,"home_country": string | null,"id": string,"preferences": NonNullable<Json>,"updated_at": string,"username": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"display_name"?: string,"email": string,"home_country"?: string | null,"id": string,"preferences"?: NonNullable<Json>,"updated_at"?: string,"username": string
                  }
                  Update: {
                    "created_at"?: string,"display_name"?: string,"email"?: string,"home_country"?: string | null,"id"?: string,"preferences"?: NonNullable<Json>,"updated_at"?: string,"username"?: string
                  }
                  Relationships: [
                    
                  ]
                },"search_history": {
                  Row: {
                    "filters": NonNullable<Json>,"id": number,"query": string,"result_count": number,"searched_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "filters"?: NonNullable<Json>,"id"?: never,"query": string,"result_count"?: number,"searched_at"?: string,"user_id"?: string
                  }
                  Update: {
                    "filters"?: NonNullable<Json>,"id"?: never,"query"?: string,"result_count"?: number,"searched_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "search_history_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"sign_in_passwords": {
                  Row: {
                    "created_at": string,"email": string,"password_hash": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"email": string,"password_hash": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"email"?: string,"password_hash"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"sign_in_sessions": {
                  Row: {
                    "created_at": string,"expires_at": string,"id": string,"refreshed_at": string,"token_hash": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"expires_at": string,"id"?: string,"refreshed_at"?: string,"token_hash": string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"expires_at"?: string,"id"?: string,"refreshed_at"?: string,"token_hash"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "sign_in_sessions_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "sign_in_passwords"
      referencedColumns: ["user_id"]
    }
                  ]
                },"trip_collaborators": {
                  Row: {
                    "created_at": string,"role": Database["public"]['Enums']["collaborator_role"],"trip_id": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"role"?: Database["public"]['Enums']["collaborator_role"],"trip_id": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"role"?: Database["public"]['Enums']["collaborator_role"],"trip_id"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "trip_collaborators_trip_id_fkey"
      columns: ["trip_id"]
isOneToOne: false
      referencedRelation: "trip_summaries"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "trip_collaborators_trip_id_fkey"
      columns: ["trip_id"]
isOneToOne: false
      referencedRelation: "trips"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "trip_collaborators_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"trips": {
                  Row: {
                    "budget": number | null,"created_at": string,"currency": string | null,"description": string,"destination_id": number | null,"embedding": string | null,"ends_on": string | null,"id": string,"metadata": NonNullable<Json>,"owner_id": string,"starts_on": string | null,"status": Database["public"]['Enums']["trip_status"],"tags": (string)[],"title": string,"updated_at": string,"visibility": Database["public"]['Enums']["trip_visibility"]
                  }
                  ComputedFields: never
                  Insert: {
                    "budget"?: number | null,"created_at"?: string,"currency"?: string | null,"description"?: string,"destination_id"?: number | null,"embedding"?: string | null,"ends_on"?: string | null,"id"?: string,"metadata"?: NonNullable<Json>,"owner_id"?: string,"starts_on"?: string | null,"status"?: Database["public"]['Enums']["trip_status"],"tags"?: (string)[],"title": string,"updated_at"?: string,"visibility"?: Database["public"]['Enums']["trip_visibility"]
                  }
                  Update: {
                    "budget"?: number | null,"created_at"?: string,"currency"?: string | null,"description"?: string,"destination_id"?: number | null,"embedding"?: string | null,"ends_on"?: string | null,"id"?: string,"metadata"?: NonNullable<Json>,"owner_id"?: string,"starts_on"?: string | null,"status"?: Database["public"]['Enums']["trip_status"],"tags"?: (string)[],"title"?: string,"updated_at"?: string,"visibility"?: Database["public"]['Enums']["trip_visibility"]
                  }
                  Relationships: [
                    {
      foreignKeyName: "trips_destination_id_fkey"
      columns: ["destination_id"]
isOneToOne: false
      referencedRelation: "destinations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "trips_owner_id_fkey"
      columns: ["owner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                }
          }
          Views: {
            "trip_summaries": {
                  Row: {
                    "collaborator_count": number | null,"country_code": string | null,"destination_name": string | null,"ends_on": string | null,"id": string,"owner_id": string,"starts_on": string | null,"status": Database["public"]['Enums']["trip_status"],"title": string,"visibility": Database["public"]['Enums']["trip_visibility"]
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "trips_owner_id_fkey"
      columns: ["owner_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                }
          }
          Functions: {
            "change_preferences":
{ Args: { "patch": Json,"user_id": string }; Returns: Json
                           },
"clone_trip":
{ Args: { "new_title"?: string,"trip_id": string }; Returns: string
                           },
"count_trips":
{ Args: { "with_status"?: Database["public"]['Enums']["trip_status"] }; Returns: number
                           },
"find_api_key":
{ Args: { "hash": string }; Returns: {
              "expires_at": string,"id": string,"key_hash": string,"scopes": (string)[],"user_id": string
            }[]
                           },
"find_destinations":
{ Args: { "country": string,"min_population"?: number }; Returns: {
              "admin_code": string | null,
"country_code": string,
"created_at": string,
"elevation_m": number | null,
"embedding": string | null,
"feature_code": string,
"geoname_id": number | null,
"id": number,
"latitude": number,
"longitude": number,
"name": string,
"population": number,
"search": unknown,
"updated_at": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "destinations"
        isOneToOne: false
        isSetofReturn: true
      } } |
{ Args: { "named": string }; Returns: {
              "admin_code": string | null,
"country_code": string,
"created_at": string,
"elevation_m": number | null,
"embedding": string | null,
"feature_code": string,
"geoname_id": number | null,
"id": number,
"latitude": number,
"longitude": number,
"name": string,
"population": number,
"search": unknown,
"updated_at": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "destinations"
        isOneToOne: false
        isSetofReturn: true
      } },
"find_sign_in":
{ Args: { "email": string }; Returns: {
              "password_hash": string,"user_id": string
            }[]
                           },
"match_destinations":
{ Args: { "match_count"?: number,"min_similarity"?: number,"query_embedding": string }; Returns: {
              "country_code": string,"id": number,"name": string,"population": number,"similarity": number
            }[]
                           },
"nearby_destinations":
{ Args: { "lat": number,"lon": number,"radius_km"?: number }; Returns: {
              "country_code": string,"distance_km": number,"id": number,"name": string,"population": number
            }[]
                           },
"note_api_key_uses":
{ Args: { "key_ids": (string)[],"used_at": (string)[] }; Returns: number
                           },
"open_sign_in":
{ Args: { "expires_at": string,"password_hash": string,"token_hash": string,"user_id": string }; Returns: string
                           },
"popular_searches":
{ Args: { "least_users"?: number,"max_rows"?: number,"since": string }; Returns: {
              "query": string,"users": number
            }[]
                           },
"purge_searches":
{ Args: { "max_rows": number,"older_than_days": number }; Returns: number
                           },
"refresh_sign_in":
{ Args: { "next_token_hash": string,"session_id": string,"token_hash": string }; Returns: {
              "created_at": string,"email": string,"user_id": string
            }[]
                           },
"register_sign_in":
{ Args: { "email": string,"password_hash": string }; Returns: string
                           },
"remove_user":
{ Args: { "user_id": string }; Returns: {
              "api_keys": number,"collaborations": number,"searches": number,"trips": number
            }[]
                           },
"search_trips":
{ Args: { "max_rows"?: number,"query": string,"with_status"?: Database["public"]['Enums']["trip_status"] }; Returns: {
              "budget": number,"created_at": string,"currency": string,"description": string,"destination_id": number,"ends_on": string,"id": string,"metadata": Json,"owner_id": string,"rank": number,"starts_on": string,"status": Database["public"]['Enums']["trip_status"],"tags": (string)[],"title": string,"updated_at": string,"visibility": Database["public"]['Enums']["trip_visibility"]
            }[]
                           }
          }
          Enums: {
            "collaborator_role": "viewer"|"editor","trip_status": "planning"|"booked"|"completed"|"cancelled","trip_visibility": "private"|"public"
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "public": {
          Enums: {
            "collaborator_role": ["viewer", "editor"],"trip_status": ["planning", "booked", "completed", "cancelled"],"trip_visibility": ["private", "public"]
          }
        }
} as const
