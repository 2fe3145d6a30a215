import { binariesDirectory } from "../../../local/binaries/directory.ts";
import { locateDeno, locateSupabaseCli } from "../../../local/binaries/locate.ts";
import { checkout, readEnvironment } from "../../../local/options.ts";

/** The Supabase CLI with which the stack applied its migrations. */
export async function supabaseCli(): Promise<string> {
  return await locateSupabaseCli(await installed());
}

/** The Deno of this version. */
export async function denoOf(version: string): Promise<string> {
  return await locateDeno(version, await installed());
}

async function installed() {
  const directory = await binariesDirectory(checkout, readEnvironment().directory);
  return { directory, print: () => {} };
}
