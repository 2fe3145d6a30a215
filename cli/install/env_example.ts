/** The variables that only you can set, with what each of them is. */
const variables = [
  {
    name: "CLERK_SECRET_KEY",
    comment: "Clerk dashboard: Configure, API keys. sk_test_… or sk_live_…",
  },
  {
    name: "CLERK_WEBHOOK_SECRET",
    comment: "Clerk dashboard: Configure, Webhooks, your endpoint, signing secret. whsec_…",
  },
];

/**
 * Adds the functions' variables, without values, to a file such as `.env.example`. A variable that the
 * file names already stays as it is.
 *
 * @param text undefined if there is no such file
 * @returns the text to add at the end; empty if nothing is missing
 */
export function missingVariables(text: string | undefined): string {
  const missing = variables.filter(({ name }) =>
    !new RegExp(`^\\s*(?:#\\s*)?(?:export\\s+)?${name}\\s*=`, "m").test(text ?? "")
  );
  if (missing.length === 0) return "";
  const end = text?.includes("\r\n") ? "\r\n" : "\n";
  const before = text === undefined || text === ""
    ? ""
    : text.endsWith("\n")
    ? end
    : `${end}${end}`;
  const lines = [
    "# Clerk sync: secrets of the Edge Functions. Fill them in in supabase/functions/.env, never here",
    ...missing.flatMap(({ name, comment }) => [`# ${comment}`, `${name}=`]),
  ];
  return before + lines.map((line) => `${line}${end}`).join("");
}
