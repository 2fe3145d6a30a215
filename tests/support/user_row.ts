import type { Database } from "../../supabase/functions/_shared/database/database.types.ts";

/** A row of public.users as PostgREST shows it. */
export type UserRow = Database["public"]["Tables"]["users"]["Row"];
