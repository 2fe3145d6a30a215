import { eventsByResource } from "../handled_events.ts";
import type { Plan } from "./plan.ts";

/** What an installation has done, in one line. */
export function describeOutcome(
  { version, before, names, folder, plan }: {
    version: string;
    /** The version that was installed before. */
    before: string | undefined;
    names: readonly string[];
    folder: string;
    plan: Plan;
  },
): string {
  const files = `${plan.changes.length} files changed`;
  if (plan.changes.length === 0) return `Version ${version} is in ${folder} already, and complete`;
  if (before === version) return `Completed version ${version} in ${folder}: ${files}`;
  const added = plan.added.length;
  return before === undefined
    ? `Installed version ${version} in ${folder}: the functions ${
      names.join(", ")
    }, and ${added} migrations`
    : `Upgraded ${folder} from ${before} to ${version}: ${files}, ${added} of them new migrations`;
}

/** The three things that are left to do after an installation. */
export function describeNextSteps(
  { folder, names, upgrade }: { folder: string; names: readonly string[]; upgrade: boolean },
): string {
  const webhook = names.find((name) => name.endsWith("clerk-webhook"));
  const deploy = `npx supabase functions deploy ${names.join(" ")} --use-api`;
  if (upgrade) {
    return `Left to do, in ${folder}:

  1. Look at the change (git diff), and commit it.
  2. Apply the migrations:
       npx supabase db push
  3. Deploy the functions:
       ${deploy}
`;
  }
  return `Three things are left to do, in ${folder}:

  1. Look at the change and commit it. Then apply the migrations and deploy the functions:
       npx supabase db push
       ${deploy}
  2. In Clerk's dashboard (Configure, Webhooks), add an endpoint and subscribe it to these events:
       https://PROJECT_REF.supabase.co/functions/v1/${webhook}
${
    eventsByResource.map((line) => `       ${line.join(", ")}\n`).join("")
  }  3. Put CLERK_SECRET_KEY and the endpoint's CLERK_WEBHOOK_SECRET into supabase/functions/.env, and set them:
       npx supabase secrets set --env-file supabase/functions/.env

The command deploy does all three, and makes one small file of each function, which starts faster.
Afterwards, backfill brings in the users who are there already.
`;
}
