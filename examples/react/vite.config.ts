import react from "@vitejs/plugin-react";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, loadEnv } from "vite";

/** The addresses and keys of the stack that `deno task start` runs. */
interface Stack {
  API_URL: string;
  PUBLISHABLE_KEY: string;
  CLERK_API_URL: string;
}

function readStack(): Stack {
  const folder = process.env["LOCAL_DIR"] ?? join(import.meta.dirname, "../../.local");
  const file = join(folder, "status.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  throw new Error(
    "No local stack is running. Start it with `deno task start`, or name your own Clerk instance " +
      "and Supabase project in .env.local, as examples/README.md says",
  );
}

export default defineConfig(({ mode }) => {
  const own = loadEnv(mode, import.meta.dirname, "VITE_");
  const usesDouble = !own["VITE_CLERK_PUBLISHABLE_KEY"];
  const stack = usesDouble || !own["VITE_SUPABASE_URL"] ? readStack() : undefined;
  if (stack) {
    process.env["VITE_SUPABASE_URL"] = stack.API_URL;
    process.env["VITE_SUPABASE_PUBLISHABLE_KEY"] = stack.PUBLISHABLE_KEY;
  }
  // The stack's double answers in Clerk's place, under the page's own address.
  const proxy = usesDouble && stack
    ? { "/__clerk": { target: stack.CLERK_API_URL, changeOrigin: true } }
    : undefined;
  return {
    plugins: [react()],
    server: { host: "127.0.0.1", proxy },
    preview: { host: "127.0.0.1", proxy },
    optimizeDeps: { include: usesDouble ? ["@clerk/clerk-js/no-rhc"] : [] },
    build: { chunkSizeWarningLimit: 2000 },
  };
});
