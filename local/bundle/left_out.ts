import type { Plugin } from "esbuild";

/** Throws if somebody uses what is not there, and says why it is not. */
const absent = (what: string) =>
  `constructor() { throw new Error("${what} is not in the bundle: see local/bundle/left_out.ts"); }`;

/**
 * What takes the place of modules that the functions load but never use, or that the runtime does
 * better. The functions only call SQL functions, with a key of their own, so of supabase-js they need
 * what speaks to PostgREST.
 */
const substitutes: Readonly<Record<string, string>> = {
  "@supabase/auth-js": `export class AuthClient { ${absent("supabase.auth")} }`,
  "@supabase/functions-js": `
    export class FunctionsClient { ${absent("supabase.functions")} }
    export class FunctionsError extends Error {}
    export class FunctionsFetchError extends FunctionsError {}
    export class FunctionsHttpError extends FunctionsError {}
    export class FunctionsRelayError extends FunctionsError {}
    export const FunctionRegion = {};
  `,
  // createClient() makes these two at once, and tells the first one the key.
  "@supabase/realtime-js":
    "export class RealtimeClient { setAuth() { return Promise.resolve(); } }",
  "@supabase/storage-js": `
    export class StorageClient {}
    export class StorageApiError extends Error {}
  `,
  // svix hashes in JavaScript, which V8 has to compile first. The runtime's own hash saves 2 ms of a start.
  "fast-sha256": `
    import { createHmac } from "node:crypto";
    export const hmac = (key, data) => createHmac("sha256", key).update(data).digest();
  `,
};

/** The packages that import them. */
const importers = /\/(@supabase\/supabase-js|standardwebhooks)\//;

const namespace = "left-out";

/** Leaves out of a bundle what the functions never use, and what the runtime does better. */
export const leaveOut: Plugin = {
  name: namespace,
  setup(build) {
    build.onResolve({ filter: /^[@\w]/ }, ({ path, importer }) => {
      const foreign = importers.test(importer);
      return foreign && path in substitutes ? { path, namespace, sideEffects: false } : undefined;
    });
    build.onLoad(
      { filter: /.*/, namespace },
      ({ path }) => ({ contents: substitutes[path] ?? "" }),
    );
  },
};
