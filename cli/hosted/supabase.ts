import { createHash } from "node:crypto";
import { z } from "zod";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { ask, type Service, usualTimeLimit } from "./ask.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";
import { readLoopback } from "./settings.ts";

const project = z.object({ region: z.string().regex(/^[a-z0-9-]+$/), status: z.string() });
const secret = z.object({ name: z.string(), value: z.string() });
const apiKeys = z.array(z.object({
  name: z.string(),
  api_key: z.string().nullish(),
  type: z.string().nullish(),
}));
const integration = z.object({
  id: z.string(),
  oidc_issuer_url: z.string().nullish(),
  jwks_url: z.string().nullish(),
});
export type ThirdPartyAuth = z.infer<typeof integration>;

/** Supabase's project, and who may change it. */
export interface ProjectAccess {
  readonly ref: string;
  readonly accessToken: string;
  /** The project's address for its users. */
  readonly url: string;
  /** Of the Management API. */
  readonly apiUrl: string;
  /** True if that is a double on this machine. */
  readonly rehearsal: boolean;
  /** Milliseconds. */
  readonly timeLimit: number;
}

/** What opens the Data API. */
export interface ApiKeys {
  /** Opens everything. It is never printed, nor written to a file. */
  readonly secret: string;
  /** Undefined if the project has none. */
  readonly publishable: string | undefined;
}

/** Supabase's Management API, as documented at https://api.supabase.com/api/v1, for one project. */
export interface Supabase {
  project(): Promise<Outcome<z.infer<typeof project>>>;
  /** The SHA-256 of each of the functions' secrets, by name. No value is ever shown. */
  secrets(): Promise<Outcome<ReadonlyMap<string, string>>>;
  setSecrets(values: Readonly<Record<string, string>>): Promise<Outcome<void>>;
  /** The project's own keys: new ones, else the legacy ones. */
  apiKeys(): Promise<Outcome<ApiKeys>>;
  thirdPartyAuth(): Promise<Outcome<ThirdPartyAuth[]>>;
  addThirdPartyAuth(issuer: string): Promise<Outcome<ThirdPartyAuth>>;
}

const tokens =
  "Create one at https://supabase.com/dashboard/account/tokens and set SUPABASE_ACCESS_TOKEN";

/** @param ref the project's, from the command line or the link that `supabase link` makes */
export function readProjectAccess(environment: Environment, ref: string): Outcome<ProjectAccess> {
  const accessToken = variable(environment, "SUPABASE_ACCESS_TOKEN");
  if (accessToken === undefined) return fail("SUPABASE_ACCESS_TOKEN is not set", tokens);
  const double = readLoopback(environment, "SUPABASE_API_URL");
  if (!double.ok) return double;
  return succeed({
    ref,
    accessToken,
    url: projectUrl(environment, ref, double.value !== undefined),
    apiUrl: double.value ?? "https://api.supabase.com",
    rehearsal: double.value !== undefined,
    timeLimit: usualTimeLimit,
  });
}

/**
 * The project's address. SUPABASE_URL is often that of a stack on this machine, where nobody's webhook may
 * go: only a rehearsal takes it.
 */
export function projectUrl(environment: Environment, ref: string, rehearsal: boolean): string {
  const own = rehearsal ? variable(environment, "SUPABASE_URL") : undefined;
  return (own ?? `https://${ref}.supabase.co`).replace(/\/+$/, "");
}

export function createSupabase(access: ProjectAccess): Supabase {
  const { ref, accessToken, apiUrl: url, timeLimit } = access;
  const refused = `Check SUPABASE_ACCESS_TOKEN, and that its account may change ${ref}. ${tokens}`;
  const service: Service = { name: "Supabase", url, token: accessToken, refused, timeLimit };
  const path = `/v1/projects/${ref}`;
  const integrations = `${path}/config/auth/third-party-auth`;

  return {
    project: () =>
      ask(
        service,
        { method: "GET", path, schema: project },
        ({ status }) =>
          status === 404
            ? fail(
              `There is no project ${ref} for this token`,
              "Give the right one with --project-ref",
            )
            : undefined,
      ),
    async secrets() {
      const schema = z.array(secret);
      const listed = await ask(service, { method: "GET", path: `${path}/secrets`, schema });
      return listed.ok
        ? succeed(new Map(listed.value.map((one) => [one.name, one.value])))
        : listed;
    },
    async setSecrets(values) {
      const body = Object.entries(values).map(([name, value]) => ({ name, value }));
      const schema = z.unknown();
      const set = await ask(service, { method: "POST", path: `${path}/secrets`, body, schema });
      return set.ok ? succeed(undefined) : set;
    },
    async apiKeys() {
      const listed = await ask(service, {
        method: "GET",
        path: `${path}/api-keys?reveal=true`,
        schema: apiKeys,
      });
      return listed.ok ? chooseKeys(listed.value, ref) : listed;
    },
    thirdPartyAuth: () =>
      ask(service, { method: "GET", path: integrations, schema: z.array(integration) }),
    addThirdPartyAuth: (issuer) =>
      ask(service, {
        method: "POST",
        path: integrations,
        body: { oidc_issuer_url: issuer },
        schema: integration,
      }),
  };
}

function chooseKeys(listed: z.infer<typeof apiKeys>, ref: string): Outcome<ApiKeys> {
  const find = (type: string, legacy: string) =>
    (listed.find((key) => key.type === type && key.api_key) ??
      listed.find((key) => key.name === legacy && key.api_key))?.api_key ?? undefined;
  const secret = find("secret", "service_role");
  if (secret !== undefined) {
    return succeed({ secret, publishable: find("publishable", "anon") });
  }
  return fail(
    "The project shows no secret key",
    `Create one at https://supabase.com/dashboard/project/${ref}/settings/api-keys, and run it again`,
  );
}

/** A secret's digest, as Supabase shows it. */
export function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
