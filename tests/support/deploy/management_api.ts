/**
 * Stands in for Supabase's Management API during a deployment. It keeps the uploads and answers as
 * documented at https://api.supabase.com/api/v1.
 */
import { z } from "zod";
import { serveLoopback } from "../loopback_server.ts";

const metadata = z.strictObject({
  entrypoint_path: z.string(),
  /** Absent if a function has none. Ours have. */
  import_map_path: z.string().optional(),
  static_patterns: z.array(z.string()),
  /** Absent if neither config.toml nor an earlier deployment says it. */
  verify_jwt: z.boolean().optional(),
  name: z.string(),
});

const activation = z.array(z.looseObject({ slug: z.string(), verify_jwt: z.boolean().optional() }));

/** One uploaded function. */
export interface Upload {
  readonly slug: string;
  readonly metadata: z.infer<typeof metadata>;
  /** Texts by their paths from the root of the repository. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ManagementApi extends AsyncDisposable {
  readonly url: string;
  readonly uploads: readonly Upload[];
  /** The request that activated the uploaded functions. */
  readonly activated: z.infer<typeof activation>;
  /** Requests that it has no answer to. */
  readonly unknown: readonly string[];
}

/** Starts the API for one project, on a free port of loopback. */
export function startManagementApi(project: { ref: string; accessToken: string }): ManagementApi {
  const uploads: Upload[] = [];
  const activated: z.infer<typeof activation> = [];
  const unknown: string[] = [];
  const path = `/v1/projects/${project.ref}`;

  async function answer(request: Request): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${project.accessToken}`) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
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
      case `GET ${path}`:
        return Response.json(describeProject(project.ref));
      default:
        unknown.push(`${request.method} ${pathname}${search}`);
        return Response.json({ message: "Not found" }, { status: 404 });
    }
  }

  return {
    ...serveLoopback(answer),
    uploads,
    activated,
    unknown,
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

function describeProject(ref: string) {
  return {
    id: ref,
    ref,
    organization_id: "rehearsals",
    organization_slug: "rehearsals",
    name: "Rehearsal",
    region: "eu-central-1",
    created_at: "2026-01-01T00:00:00Z",
    status: "ACTIVE_HEALTHY",
    database: {
      host: `db.${ref}.supabase.co`,
      version: "17.4.1.074",
      postgres_engine: "17",
      release_channel: "ga",
    },
  };
}
