import { succeed } from "../hosted/outcome.ts";
import type { ThirdPartyAuth } from "../hosted/supabase.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/**
 * The project takes the Clerk instance's tokens. Never `supabase config push` for this: it overwrites
 * the project's other settings.
 */
export function thirdPartyAuthStep({ supabase, issuer }: Deployment): Step {
  return {
    name: "third-party auth",
    async check() {
      const address = await issuer();
      if (!address.ok) return address;
      const present = await supabase.thirdPartyAuth();
      if (!present.ok) return present;
      const others = present.value.filter((one) => !trusts(one, address.value))
        .flatMap(({ oidc_issuer_url: url }) => url ?? []);
      if (others.length === present.value.length) {
        return succeed({ done: false, todo: `lets the project take tokens of ${address.value}` });
      }
      const note = others.length > 0 ? `also takes tokens of ${others.join(", ")}` : "";
      return succeed({ done: true, note });
    },
    async apply() {
      const address = await issuer();
      if (!address.ok) return address;
      const added = await supabase.addThirdPartyAuth(address.value);
      return added.ok ? succeed(address.value) : added;
    },
  };
}

function trusts(
  { oidc_issuer_url: issuer, jwks_url: jwks }: ThirdPartyAuth,
  address: string,
): boolean {
  return issuer?.replace(/\/+$/, "") === address || jwks === `${address}/.well-known/jwks.json`;
}
