/**
 * Stands in for Supabase's Management API. It has what the Supabase CLI and `deploy` call, in the form
 * documented at https://api.supabase.com/api/v1.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type LoopbackServer, serveLoopback } from "../loopback_server.ts";
import { createManagementFaults, type ManagementFaults } from "./management_fault.ts";

const metadata = z.strictObject({
  entrypoint_path: z.string(),
  /** Absent or empty if a function has none. */
  import_map_path: z.string().optional(),
  static_patterns: z.array(z.string()),
  /** Absent if neither config.toml nor an earlier deployment says it. */
  verify_jwt: z.boolean().optional(),
  name: z.string(),
});

const activation = z.array(z.looseObject({ slug: z.string(), verify_jwt: z.boolean().optional() }));

/** The platform keeps this prefix for itself. */
const newSecrets = z.array(z.strictObject({
  name: z.string().max(256).regex(/^(?!SUPABASE_).*/),
  value: z.string().max(24_576),
}));

const newIntegration = z.strictObject({
  oidc_issuer_url: z.url().optional(),
  jwks_url: z.url().optional(),
});

/** A key of the project, as the API shows it. */
export interface ApiKey {
  readonly name: string;
  readonly type: "secret" | "publishable" | "legacy";
  readonly api_key: string;
}

/** An issuer whose tokens the project takes. */
export interface Integration {
  readonly id: string;
  readonly type: string;
  readonly oidc_issuer_url: string | null;
  readonly jwks_url: string | null;
  readonly custom_jwks: null;
  readonly resolved_jwks: { readonly keys: readonly unknown[] };
  readonly inserted_at: string;
  readonly updated_at: string;
  readonly resolved_at: string;
}

/** A project, and the only token that may see it. */
export interface Project {
  readonly ref: string;
  readonly accessToken: string;
  /** Default eu-central-1. */
  readonly region?: string;
}

/** One uploaded function. */
export interface Upload {
  readonly slug: string;
  readonly metadata: z.infer<typeof metadata>;
  /** Texts by their paths from the root of the repository. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ManagementApi extends LoopbackServer {
  readonly uploads: readonly Upload[];
  /** The request that activated the uploaded functions. */
  readonly activated: z.infer<typeof activation>;
  /** Requests that it has no answer to. */
  readonly unknown: readonly string[];
  /** The functions' secrets, by name. The API shows only their digests. */
  readonly secrets: Map<string, string>;
  readonly integrations: Integration[];
  /** The project's keys. At first none. */
  readonly apiKeys: ApiKey[];
  readonly faults: ManagementFaults;
  /** The project's state. At first ACTIVE_HEALTHY. */
  status: string;
  /** Called after secrets were set, before the answer. */
  onSecrets: () => Promise<void>;
}

/** Starts the API for one project, on a free port of loopback. */
export function startManagementApi(project: Project): ManagementApi {
  const uploads: Upload[] = [];
  const activated: z.infer<typeof activation> = [];
  const unknown: string[] = [];
  const secrets = new Map<string, string>();
  const integrations: Integration[] = [];
  const apiKeys: ApiKey[] = [];
  const faults = createManagementFaults();
  const path = `/v1/projects/${project.ref}`;

  async function answer(request: Request): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${project.accessToken}`) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
    const fault = await faults.meet(request);
    if (fault) return fault;
    const { pathname, search, searchParams } = new URL(request.url);
    const slug = searchParams.get("slug") ?? "";
    switch (`${request.method} ${pathname}`) {
      case `POST ${path}/functions/deploy`: {
        const upload = await readUpload(slug, await request.formData());
        uploads.push(upload);
        return Response.json(describeUpload(upload), { status: 201 });
      }
      case `PUT ${path}/functions`: {
        const functions = activation.parse(await request.json());
        activated.push(...functions);
        return Response.json({ functions });
      }
      // The CLI asks what a function without a section in config.toml has had until now.
      case `GET ${path}/functions`:
        return Response.json([]);
      case `GET ${path}/secrets`:
        return Response.json([...secrets].map(describeSecret));
      case `POST ${path}/secrets`: {
        const set = newSecrets.safeParse(await request.json());
        if (!set.success) return refuse(400, z.prettifyError(set.error));
        for (const { name, value } of set.data) secrets.set(name, value);
        await api.onSecrets();
        return new Response(null, { status: 201 });
      }
      case `GET ${path}/api-keys`: {
        const reveal = searchParams.get("reveal") === "true";
        return Response.json(apiKeys.map((key) => describeKey(key, reveal)));
      }
      case `GET ${path}/config/auth/third-party-auth`:
        return Response.json(integrations);
      case `POST ${path}/config/auth/third-party-auth`: {
        const added = newIntegration.safeParse(await request.json());
        if (!added.success) return refuse(400, z.prettifyError(added.error));
        const integration = describeIntegration(added.data);
        integrations.push(integration);
        return Response.json(integration, { status: 201 });
      }
      case `GET ${path}`:
        return Response.json(describeProject(project, api.status));
      default:
        unknown.push(`${request.method} ${pathname}${search}`);
        return refuse(404, "Not found");
    }
  }

  const api: ManagementApi = {
    ...serveLoopback(answer),
    uploads,
    activated,
    unknown,
    secrets,
    integrations,
    apiKeys,
    faults,
    status: "ACTIVE_HEALTHY",
    onSecrets: () => Promise.resolve(),
  };
  return api;
}

function refuse(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

/** A secret one is shown in full only on request. */
function describeKey({ name, type, api_key: key }: ApiKey, reveal: boolean) {
  const shown = reveal || type !== "secret" ? key : `${key.slice(0, 15)}·····`;
  return { name, type, api_key: shown, id: type === "legacy" ? name : crypto.randomUUID() };
}

function describeSecret([name, value]: [string, string]) {
  const digest = createHash("sha256").update(value).digest("hex");
  return { name, value: digest, updated_at: new Date().toISOString() };
}

function describeIntegration(added: z.infer<typeof newIntegration>): Integration {
  const now = new Date().toISOString();
  return {
    id: crypto.randomUUID(),
    type: "custom",
    oidc_issuer_url: added.oidc_issuer_url ?? null,
    jwks_url: added.jwks_url ?? null,
    custom_jwks: null,
    resolved_jwks: { keys: [] },
    inserted_at: now,
    updated_at: now,
    resolved_at: now,
  };
}

async function readUpload(slug: string, form: FormData): Promise<Upload> {
  const files = new Map<string, string>();
  for (const file of form.getAll("file")) {
    if (!(file instanceof File)) throw new Error("A part named file is not a file");
    if (files.has(file.name)) throw new Error(`${file.name} was uploaded twice`);
    files.set(file.name, await file.text());
  }
  return { slug, metadata: metadata.parse(JSON.parse(String(form.get("metadata")))), files };
}

function describeUpload({ slug, metadata }: Upload) {
  const now = Date.now();
  return {
    id: crypto.randomUUID(),
    slug,
    name: metadata.name,
    status: "ACTIVE",
    version: 1,
    created_at: now,
    updated_at: now,
    verify_jwt: metadata.verify_jwt ?? true,
    import_map: metadata.import_map_path !== undefined,
    entrypoint_path: metadata.entrypoint_path,
    import_map_path: metadata.import_map_path,
  };
}

function describeProject({ ref, region = "eu-central-1" }: Project, status: string) {
  return {
    id: ref,
    ref,
    organization_id: "rehearsals",
    organization_slug: "rehearsals",
    name: "Rehearsal",
    region,
    created_at: "2026-01-01T00:00:00Z",
    status,
    database: {
      host: `db.${ref}.supabase.co`,
      version: "17.4.1.074",
      postgres_engine: "17",
      release_channel: "ga",
    },
  };
}
