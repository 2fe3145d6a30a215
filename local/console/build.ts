import { build, type Plugin, stop } from "esbuild";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("page/main.tsx", import.meta.url));

/** Resolves packages as Deno does: to the files of the versions that deno.lock names. */
const packages: Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
    }));
  },
};

/** The page's script and style. */
export interface BuiltPage {
  readonly script: string;
  readonly style: string;
}

export async function buildPage(): Promise<BuiltPage> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: `import ${JSON.stringify(page)};`, resolveDir: dirname(page) },
      outdir: ".",
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "none",
      logLevel: "silent",
      plugins: [packages],
    });
    const textOf = (ending: string) =>
      outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return { script: textOf(".js"), style: textOf(".css") };
  } finally {
    // esbuild's process would otherwise stay as long as the stack.
    await stop();
  }
}
