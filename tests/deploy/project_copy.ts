import { cp } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkout } from "../../local/options.ts";

/** Part of every file of the copy that must never be uploaded. */
export const canary = "sk_test_never_to_be_uploaded";

const mustStay = [
  ".env",
  "supabase/.env",
  "supabase/functions/.env",
  "supabase/functions/users-me/.env",
  "supabase/functions/users-me/handler_test.ts",
  "tests/secret_test.ts",
];

/**
 * Copies what a deployment reads, so that the Supabase CLI leaves nothing in the checkout. Adds secrets
 * and tests beside the functions, whether or not the checkout has them.
 */
export async function copyProject(directory: string): Promise<void> {
  for (const name of ["supabase", "import_map.json", "deno.json", "deno.lock"]) {
    await cp(join(checkout, name), join(directory, name), {
      recursive: true,
      filter: (source) => !basename(source).startsWith("."),
    });
  }
  for (const name of mustStay) {
    const path = join(directory, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    const text = name.endsWith(".ts") ? `export const secret = "${canary}";` : `SECRET=${canary}`;
    await Deno.writeTextFile(path, `${text}\n`);
  }
}
