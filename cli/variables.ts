import { parseDotenv } from "../local/functions/secrets_file.ts";
import type { Environment } from "../supabase/functions/_shared/settings/variable.ts";

/** The process' variables, and below them those of a file's text. A blank value counts as none. */
export function overFile(text: string | undefined, own: Environment): Environment {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value?.trim()));
  return { ...parseDotenv(text ?? ""), ...set };
}
