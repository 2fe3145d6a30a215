import { type DatabaseCommand, runOnDatabase } from "../supabase_cli.ts";

/** The outcome of `supabase db push`; `output` never holds a password. */
export type PushOutcome = { success: boolean; output: string };

/** Applies the migrations that a database lacks, with the real Supabase CLI. */
export async function pushMigrations(push: Omit<DatabaseCommand, "args">): Promise<PushOutcome> {
  const { success, stdout, stderr } = await runOnDatabase({
    ...push,
    // An application's own migrations may be younger than one that this project adds later.
    args: ["db", "push", "--include-all"],
  });
  return { success, output: `${stderr}${stdout}`.trim() };
}
