import { parseTableSchema } from "../../../local/migrations/schema.ts";

/** The schema in which the running stack has the tables; tests/run.ts passes it in the environment. */
export const tableSchema: string = parseTableSchema(Deno.env.get("CLERK_SYNC_SCHEMA"));
