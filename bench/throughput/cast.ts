import { fileURLToPath } from "node:url";
import type { Site } from "./site.ts";
import { serve, type Served, type ServedOptions, type Subject } from "./served.ts";

/** Starts functions that use one site. */
export interface Cast extends AsyncDisposable {
  /** What a function that uses this site starts with. Clerk answers after `delay` milliseconds. */
  optionsFor(delay: number): Promise<ServedOptions>;
  serve(subject: Subject): Promise<Served>;
}

/** Milliseconds that Clerk takes, where nothing else is said. */
export const clerksDelay = 50;

export function createCast(site: Site, base: Omit<ServedOptions, "environment">): Cast {
  const started = new AsyncDisposableStack();
  const clerks = new Map<number, Promise<Served>>();

  async function startClerk(delay: number): Promise<Served> {
    const subject = {
      name: `clerk-${site.rows}-${delay}`,
      entrypoint: fileURLToPath(new URL("clerk_answering.ts", import.meta.url)),
    };
    const own = { file: Deno.execPath(), version: Deno.version.deno };
    const environment = { DELAY: String(delay) };
    return started.use(await serve(subject, { ...base, deno: own, environment }));
  }

  async function optionsFor(delay: number): Promise<ServedOptions> {
    const clerk = clerks.get(delay) ?? startClerk(delay);
    clerks.set(delay, clerk);
    const { values } = site;
    return {
      ...base,
      environment: {
        SUPABASE_URL: site.url,
        SUPABASE_SERVICE_ROLE_KEY: values.SERVICE_ROLE_KEY,
        CLERK_API_URL: (await clerk).url,
        CLERK_SECRET_KEY: values.CLERK_SECRET_KEY,
        CLERK_JWT_KEY: values.CLERK_JWT_KEY.replaceAll("\\n", "\n"),
        CLERK_WEBHOOK_SECRET: values.CLERK_WEBHOOK_SECRET,
      },
    };
  }

  return {
    optionsFor,
    serve: async ({ name, entrypoint }) =>
      started.use(
        await serve({ name: `${name}-${site.rows}`, entrypoint }, await optionsFor(clerksDelay)),
      ),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
