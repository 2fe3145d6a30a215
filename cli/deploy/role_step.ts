import { fail, succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/** Where Clerk's dashboard has the switch. */
const place = "https://dashboard.clerk.com/setup/supabase";

/** Session tokens have the claim that gives their holders rights in the database. Only looks. */
export function roleStep({ clerk }: Deployment): Step {
  return {
    name: "role claim",
    // The webhook and the functions do without it.
    goOn: true,
    async check() {
      const claim = await clerk.roleClaim();
      if (!claim.ok) return claim;
      if (claim.value === "right") return succeed({ done: true });
      if (claim.value === "nobody is signed in") {
        const note = `until somebody has signed in; Clerk's switch is at ${place}`;
        return succeed({ done: true, notKnown: true, note });
      }
      return fail(
        'Session tokens lack the claim "role": "authenticated"',
        `Switch Clerk's Supabase integration on at ${place}, and run it again`,
      );
    },
    apply: () => Promise.resolve(succeed("")),
  };
}
