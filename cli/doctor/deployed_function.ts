import { z } from "zod";
import { type FailureCode, meanings } from "../../supabase/functions/_shared/failure.ts";
import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { call, type Called, describeSilence, jsonOf } from "./call.ts";
import { failed, ok, type Outcome } from "./check.ts";
import type { FunctionName } from "./installation.ts";

/** A function that is deployed and this project's. */
export interface DeployedFunction {
  readonly name: FunctionName;
  /** Under which it is deployed. */
  readonly slug: string;
  readonly url: string;
}

/** What each function answers to a caller who may do nothing. */
const refusals: Readonly<Record<FunctionName, FailureCode>> = {
  "users-sync": "missing_token",
  "users-me": "missing_token",
  "clerk-webhook": "invalid_signature",
  "clerk-reconcile": "invalid_token",
};

const ours = z.object({
  error: z.object({
    code: z.custom<FailureCode>((code) =>
      typeof code === "string" && Object.hasOwn(meanings, code)
    ),
    message: z.string(),
    hint: z.string().optional(),
    request_id: z.string(),
  }),
});

/** An error in the form of this project's functions. Undefined if the answer has another form. */
export function errorIn(text: string): z.infer<typeof ours>["error"] | undefined {
  return ours.safeParse(jsonOf(text)).data?.error;
}

/** Whether the function answers, and the answer is its own and not the platform's. */
export async function checkFunction(
  name: FunctionName,
  slug: string,
  { url: project }: SupabaseSettings,
): Promise<Outcome<DeployedFunction>> {
  const url = `${project}/functions/v1/${slug}`;
  return judge({ name, slug, url }, await call(url, { method: "POST" }));
}

/** Whether a function's answer to a caller who may do nothing is its own refusal. */
export function judge(deployed: DeployedFunction, called: Called): Outcome<DeployedFunction> {
  const { name, slug } = deployed;
  const deploy = `Deploy it: npx supabase functions deploy ${slug} --use-api`;
  if (typeof called === "string") {
    return failed(`${slug} ${describeSilence(called)}`, "Look at SUPABASE_URL and at the network");
  }
  const { status, headers, text } = called;
  const error = errorIn(text);
  if (error === undefined) return failForeign(slug, status, deploy);
  if (headers.get("x-request-id") !== error.request_id) {
    return failed(
      `${slug} answers without its x-request-id`,
      "Look for a proxy in between that removes headers, or deploy again",
    );
  }
  if (error.code === refusals[name]) {
    return ok(`${slug} is deployed and answers itself`, deployed);
  }
  const { message } = meanings[error.code];
  // The message itself may be anybody's: only the variables that it names are shown.
  const variables = error.message.match(/\b(?:SUPABASE|CLERK)_[A-Z_]+\b/g) ?? [];
  if (error.code === "server_misconfigured") {
    return failed(
      `${slug} is misconfigured: ${variables.join(", ") || "a variable"} is missing or wrong`,
      `Set it: npx supabase secrets set --env-file supabase/functions/.env`,
    );
  }
  return failed(`${slug} answers ${error.code}: ${message}`, deploy);
}

function failForeign(slug: string, status: number, deploy: string): Outcome<never> {
  switch (status) {
    case 404:
      return failed(`${slug} is not deployed (404)`, deploy);
    case 401:
      return failed(
        `The platform refuses calls to ${slug} before it sees them (401): verify_jwt is on`,
        `Set verify_jwt = false under [functions.${slug}] in supabase/config.toml, and deploy again`,
      );
    case 503:
    case 546:
      return failed(
        `${slug} does not start or was ended (${status})`,
        "Read its log: Supabase dashboard, Edge Functions",
      );
    default:
      return failed(
        `${slug} is not this project's function: it answers with HTTP ${status}`,
        deploy,
      );
  }
}
