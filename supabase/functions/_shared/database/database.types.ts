
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
          Tables: {
            "clerk_deliveries": {
                  Row: {
                    "actor": string | null,"attempts": number,"delivery_id": string,"event_type": string | null,"last_received_at": string,"occurred_at": string | null,"outcome": string,"reason": string | null,"received_at": string,"source": string,"subject": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "actor"?: string | null,"attempts"?: number,"delivery_id": string,"event_type"?: string | null,"last_received_at"?: string,"occurred_at"?: string | null,"outcome": string,"reason"?: string | null,"received_at"?: string,"source"?: string,"subject"?: string | null
                  }
                  Update: {
                    "actor"?: string | null,"attempts"?: number,"delivery_id"?: string,"event_type"?: string | null,"last_received_at"?: string,"occurred_at"?: string | null,"outcome"?: string,"reason"?: string | null,"received_at"?: string,"source"?: string,"subject"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"clerk_sync_runs": {
                  Row: {
                    "counts": NonNullable<Json>,"drift": number,"ended_at": string | null,"held_until": string,"holder": string,"id": string,"kind": string,"outcome": string | null,"reason": string | null,"repairs": boolean,"saved_at": string,"started_at": string,"state": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "counts"?: NonNullable<Json>,"drift"?: number,"ended_at"?: string | null,"held_until": string,"holder": string,"id"?: string,"kind": string,"outcome"?: string | null,"reason"?: string | null,"repairs": boolean,"saved_at"?: string,"started_at"?: string,"state"?: NonNullable<Json>
                  }
                  Update: {
                    "counts"?: NonNullable<Json>,"drift"?: number,"ended_at"?: string | null,"held_until"?: string,"holder"?: string,"id"?: string,"kind"?: string,"outcome"?: string | null,"reason"?: string | null,"repairs"?: boolean,"saved_at"?: string,"started_at"?: string,"state"?: NonNullable<Json>
                  }
                  Relationships: [
                    
                  ]
                },"organization_memberships": {
                  Row: {
                    "clerk_created_at": string | null,"clerk_id": string,"clerk_updated_at": string | null,"created_at": string,"deactivated_at": string | null,"deleted_at": string | null,"id": string,"is_active": boolean,"metadata": NonNullable<Json>,"organization_clerk_id": string | null,"permissions": (string)[],"role": string | null,"synced_at": string | null,"updated_at": string,"user_clerk_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "clerk_created_at"?: string | null,"clerk_id": string,"clerk_updated_at"?: string | null,"created_at"?: string,"deactivated_at"?: string | null,"deleted_at"?: string | null,"id"?: string,"is_active"?: boolean,"metadata"?: NonNullable<Json>,"organization_clerk_id"?: string | null,"permissions"?: (string)[],"role"?: string | null,"synced_at"?: string | null,"updated_at"?: string,"user_clerk_id"?: string | null
                  }
                  Update: {
                    "clerk_created_at"?: string | null,"clerk_id"?: string,"clerk_updated_at"?: string | null,"created_at"?: string,"deactivated_at"?: string | null,"deleted_at"?: string | null,"id"?: string,"is_active"?: boolean,"metadata"?: NonNullable<Json>,"organization_clerk_id"?: string | null,"permissions"?: (string)[],"role"?: string | null,"synced_at"?: string | null,"updated_at"?: string,"user_clerk_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"organizations": {
                  Row: {
                    "clerk_created_at": string | null,"clerk_id": string,"clerk_updated_at": string | null,"created_at": string,"created_by": string | null,"deactivated_at": string | null,"deleted_at": string | null,"id": string,"image_url": string | null,"is_active": boolean,"metadata": NonNullable<Json>,"name": string | null,"public_metadata": NonNullable<Json>,"slug": string | null,"synced_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "clerk_created_at"?: string | null,"clerk_id": string,"clerk_updated_at"?: string | null,"created_at"?: string,"created_by"?: string | null,"deactivated_at"?: string | null,"deleted_at"?: string | null,"id"?: string,"image_url"?: string | null,"is_active"?: boolean,"metadata"?: NonNullable<Json>,"name"?: string | null,"public_metadata"?: NonNullable<Json>,"slug"?: string | null,"synced_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "clerk_created_at"?: string | null,"clerk_id"?: string,"clerk_updated_at"?: string | null,"created_at"?: string,"created_by"?: string | null,"deactivated_at"?: string | null,"deleted_at"?: string | null,"id"?: string,"image_url"?: string | null,"is_active"?: boolean,"metadata"?: NonNullable<Json>,"name"?: string | null,"public_metadata"?: NonNullable<Json>,"slug"?: string | null,"synced_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"users": {
                  Row: {
                    "banned": boolean,"clerk_created_at": string | null,"clerk_id": string,"clerk_updated_at": string | null,"created_at": string,"deactivated_at": string | null,"deleted_at": string | null,"email": string | null,"email_verified": boolean,"erased_at": string | null,"external_id": string | null,"first_name": string | null,"id": string,"image_url": string | null,"is_active": boolean,"last_name": string | null,"last_sign_in_at": string | null,"locked": boolean,"metadata": NonNullable<Json>,"phone": string | null,"public_metadata": NonNullable<Json>,"revived_at": string | null,"synced_at": string | null,"updated_at": string,"username": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "banned"?: boolean,"clerk_created_at"?: string | null,"clerk_id": string,"clerk_updated_at"?: string | null,"created_at"?: string,"deactivated_at"?: string | null,"deleted_at"?: string | null,"email"?: string | null,"email_verified"?: boolean,"erased_at"?: string | null,"external_id"?: string | null,"first_name"?: string | null,"id"?: string,"image_url"?: string | null,"is_active"?: boolean,"last_name"?: string | null,"last_sign_in_at"?: string | null,"locked"?: boolean,"metadata"?: NonNullable<Json>,"phone"?: string | null,"public_metadata"?: NonNullable<Json>,"revived_at"?: string | null,"synced_at"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Update: {
                    "banned"?: boolean,"clerk_created_at"?: string | null,"clerk_id"?: string,"clerk_updated_at"?: string | null,"created_at"?: string,"deactivated_at"?: string | null,"deleted_at"?: string | null,"email"?: string | null,"email_verified"?: boolean,"erased_at"?: string | null,"external_id"?: string | null,"first_name"?: string | null,"id"?: string,"image_url"?: string | null,"is_active"?: boolean,"last_name"?: string | null,"last_sign_in_at"?: string | null,"locked"?: boolean,"metadata"?: NonNullable<Json>,"phone"?: string | null,"public_metadata"?: NonNullable<Json>,"revived_at"?: string | null,"synced_at"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            [_ in never]: never
          }
          Functions: {
            "apply_clerk_facts":
{ Args: { "p_facts": Json,"p_return_users"?: boolean }; Returns: {
              "active": boolean,"item": number,"outcome": string,"reason": string,"user": Json
            }[]
                           },
"claim_clerk_sync_run":
{ Args: { "p_anew"?: boolean,"p_holder": string,"p_kind": string,"p_repairs": boolean }; Returns: {
              "counts": Json,"held": boolean,"id": string,"resumed": boolean,"since": string,"started_at": string,"state": Json
            }[]
                           },
"clerk_sync_status":
{ Args: Record<PropertyKey, never>; Returns: {
              "drift": number,"drift_seen_at": string,"events_last_hour": number,"invalid": number,"invalid_reason": string,"invalid_since": string,"lag_p50": string,"lag_p95": string,"newest_event_at": string,"newest_event_lag": string,"rejected": number,"rejected_reason": string,"rejected_since": string,"runs": Json,"silence": string,"silent": boolean,"usual_silence": string
            }[]
                           },
"compare_clerk_facts":
{ Args: { "p_facts": Json }; Returns: {
              "ahead": boolean,"columns": (string)[],"difference": string,"item": number,"seen": string
            }[]
                           },
"find_clerk_users":
{ Args: { "p_clerk_ids": (string)[] }; Returns: {
              "active": boolean,"clerk_id": string,"organizations": Json,"user": Json
            }[]
                           },
"find_undated_clerk_rows":
{ Args: { "p_after"?: string,"p_resource": string }; Returns: {
              "clerk_id": string,"difference": string,"organization_clerk_id": string,"user_clerk_id": string
            }[]
                           },
"find_unlisted_clerk_rows":
{ Args: { "p_after"?: string,"p_from"?: string,"p_listed": (string)[],"p_resource": string,"p_to"?: string }; Returns: {
              "clerk_id": string,"difference": string,"organization_clerk_id": string,"user_clerk_id": string
            }[]
                           },
"link_clerk_user":
{ Args: { "p_id": string,"p_new_clerk_id": string,"p_reason": string }; Returns: boolean
                           },
"measure_clerk_rows":
{ Args: { "p_from"?: string,"p_resource": string,"p_to"?: string }; Returns: {
              "middle": string,"rows": number,"undated": number
            }[]
                           },
"purge_clerk_deliveries":
{ Args: { "p_older_than"?: string }; Returns: number
                           },
"purge_deleted_users":
{ Args: { "p_older_than": string }; Returns: number
                           },
"release_clerk_sync_run":
{ Args: { "p_holder": string,"p_id": string }; Returns: boolean
                           },
"repair_clerk_facts":
{ Args: { "p_facts": Json }; Returns: {
              "item": number,"outcome": string,"reason": string
            }[]
                           },
"revive_clerk_user":
{ Args: { "p_clerk_id": string,"p_reason": string }; Returns: boolean
                           },
"save_clerk_sync_run":
{ Args: { "p_counts": Json,"p_drift"?: number,"p_holder": string,"p_id": string,"p_outcome"?: string,"p_reason"?: string,"p_state": Json }; Returns: boolean
                           }
          }
          Enums: {
            [_ in never]: never
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
            
          }
        }
} as const
