import type { pushMigrations } from "../../local/migrations/push.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { type Clerk, createClerk } from "../hosted/clerk.ts";
import type { WantedEndpoint } from "../hosted/endpoints.ts";
import { describeEndpoint } from "../hosted/installation.ts";
import { type Outcome, succeed } from "../hosted/outcome.ts";
import type { ClerkAccess } from "../hosted/settings.ts";
import { createSupabase, type ProjectAccess, type Supabase } from "../hosted/supabase.ts";
import type { NamedFinding } from "../doctor/examine.ts";
import { once } from "./once.ts";

/** What the steps share. Facts about the project and the instance are asked once. */
export interface Deployment {
  readonly environment: Environment;
  readonly access: ProjectAccess;
  readonly clerkAccess: ClerkAccess;
  readonly supabase: Supabase;
  readonly clerk: Clerk;
  readonly project: Supabase["project"];
  readonly instanceId: Clerk["instanceId"];
  readonly issuer: Clerk["issuer"];
  readonly apiKeys: Supabase["apiKeys"];
  /** Needs the project's region. */
  wantedEndpoint(): Promise<Outcome<WantedEndpoint>>;
  /** In front of the functions' names. */
  readonly prefix: string;
  /** The tables' schema. */
  readonly schema: string;
  /** The functions' names. */
  readonly functions: readonly string[];
  /** Applies the migrations, or says which. */
  migrations(databaseUrl: string, dryRun: boolean): ReturnType<typeof pushMigrations>;
  /** Returns the names of those that it has deployed. */
  deployFunctions(sources: boolean): Promise<Outcome<string>>;
  /** Examines the whole chain, with these variables. */
  examine(environment: Environment): Promise<readonly NamedFinding[]>;
}

export type DeploymentParts =
  & Pick<Deployment, "environment" | "access" | "clerkAccess" | "prefix" | "schema" | "functions">
  & Pick<Deployment, "migrations" | "deployFunctions" | "examine">;

export function createDeployment(parts: DeploymentParts): Deployment {
  const supabase = createSupabase(parts.access);
  const clerk = createClerk(parts.clerkAccess);
  const project = once(supabase.project);
  return {
    ...parts,
    supabase,
    clerk,
    project,
    instanceId: once(clerk.instanceId),
    issuer: once(clerk.issuer),
    apiKeys: once(supabase.apiKeys),
    async wantedEndpoint() {
      const found = await project();
      return found.ok
        ? succeed(describeEndpoint(parts.access, parts.prefix, found.value.region))
        : found;
    },
  };
}
