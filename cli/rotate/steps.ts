import type { Deployment } from "../deploy/deployment.ts";
import { projectStep } from "../deploy/project_step.ts";
import type { Step } from "../deploy/step.ts";
import { openSvix } from "../deploy/svix_access.ts";
import { callSvix, type FoundEndpoint } from "../hosted/endpoints.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import type { SvixApp } from "../hosted/portal.ts";
import { readSigningSecret, type SigningSecret } from "../hosted/signing_secret.ts";

/** Bytes, as in Svix' own. */
const secretLength = 24;

/**
 * A new signing secret in three steps, of which the last is a run of its own. The functions take the new
 * one before Svix signs with it, and the old one as long as Svix signs with it, so that no delivery is
 * refused, whichever of the values a function has.
 */
export function rotationSteps(
  deployment: Deployment,
  { finish }: { finish: boolean },
): readonly Step[] {
  const svix = openSvix(deployment);
  const next = `whsec_${crypto.getRandomValues(new Uint8Array(secretLength)).toBase64()}`;

  async function read(): Promise<Outcome<Current>> {
    const found = await svix.find();
    if (!found.ok) return found;
    const { app, endpoint, endpoints } = found.value;
    if (!app || !endpoint) return fail("The webhook has no endpoint in Clerk", "Run deploy first");
    const secret = await readSigningSecret(app, deployment.supabase, endpoint, endpoints);
    return secret.ok ? succeed({ app, endpoint, secret: secret.value }) : secret;
  }

  const look = projectStep(deployment);
  if (finish) return [look, oneSecretStep(deployment, read)];
  return [look, bothSecretsStep(deployment, read, next), rotationStep(read, next)];
}

/** The endpoint, and the secret that it has now. */
interface Current {
  readonly app: SvixApp;
  readonly endpoint: FoundEndpoint;
  readonly secret: SigningSecret;
}

type Read = () => Promise<Outcome<Current>>;

function bothSecretsStep({ supabase }: Deployment, read: Read, next: string): Step {
  return {
    name: "functions take both secrets",
    async check() {
      const now = await read();
      if (!now.ok) return now;
      return succeed({
        done: false,
        todo: `sets ${now.value.secret.name} to a new one and the old one`,
      });
    },
    async apply() {
      const now = await read();
      if (!now.ok) return now;
      const { name, key } = now.value.secret;
      const set = await supabase.setSecrets({ [name]: `${next} ${key}` });
      return set.ok ? succeed(name) : set;
    },
  };
}

function rotationStep(read: Read, next: string): Step {
  return {
    name: "Svix signs with both",
    check: () => Promise.resolve(succeed({ done: false, todo: "for 24 hours" })),
    async apply() {
      const now = await read();
      if (!now.ok) return now;
      const { app: { svix, appId }, endpoint: { id } } = now.value;
      const rotated = await callSvix(() => svix.endpoint.rotateSecret(appId, id, { key: next }));
      return rotated.ok ? succeed("for 24 hours. Then run rotate --finish") : rotated;
    },
  };
}

function oneSecretStep({ supabase }: Deployment, read: Read): Step {
  return {
    name: "functions take only the new secret",
    async check() {
      const now = await read();
      if (!now.ok) return now;
      const { name, set, also } = now.value.secret;
      const note = also ? `what ${also} has is accepted as well` : "";
      return succeed(set ? { done: true, note } : { done: false, todo: `sets ${name}` });
    },
    async apply() {
      const now = await read();
      if (!now.ok) return now;
      const { name, key } = now.value.secret;
      const set = await supabase.setSecrets({ [name]: key });
      return set.ok ? succeed(name) : set;
    },
  };
}
