import { parseTableSchema } from "../../../local/migrations/schema.ts";

/** The schema of the running stack's tables. tests/run.ts passes it in the environment. */
export const tableSchema: string = parseTableSchema(Deno.env.get("CLERK_SYNC_SCHEMA"));
