import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { parseDotenv } from "../../local/functions/secrets_file.ts";
import { checkout } from "../../local/options.ts";
import { buildSupabaseCliEnvironment } from "../../local/supabase_cli.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { withFolder } from "./temporary.ts";

const secrets = z.array(z.object({ name: z.string(), value: z.string() }));

/** The secrets that the Supabase CLI would upload from a file. */
async function readByCli(folder: string, text: string): Promise<Record<string, string>> {
  const file = await locateSupabaseCli({
    directory: await binariesDirectory(checkout, folder),
    print: () => {},
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await using server = serveLoopback(async (request) => {
    if (request.method === "POST") resolve(await request.json());
    return Response.json([], { status: request.method === "POST" ? 201 : 200 });
  });
  const profile = join(folder, "profile.yml");
  await Deno.writeTextFile(
    profile,
    ["name: local", "project_host: example.test"]
      .concat(["api", "dashboard", "docs"].map((name) => `${name}_url: ${server.url}`)).join("\n"),
  );
  const path = join(folder, ".env");
  await Deno.writeTextFile(path, text);
  const { success, stderr } = await new Deno.Command(file, {
    args: [
      "secrets",
      "set",
      `--env-file=${path}`,
      `--remote=${"a".repeat(20)}`,
      `--profile=${profile}`,
      "--yes",
    ],
    cwd: folder,
    clearEnv: true,
    env: {
      ...buildSupabaseCliEnvironment(folder),
      SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
    },
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return Object.fromEntries(secrets.parse(await promise).map(({ name, value }) => [name, value]));
}

const lines = [
  "\uFEFFFIRST=1",
  "TRAILING=a b  ",
  "# comment",
  "export EXPORTED=x",
  'DOUBLE="two\\nlines ${FIRST} \\"q\\" # none"',
  "SINGLE='raw\\n $FIRST # none'",
  "BACKTICK=`tick`",
  "UNQUOTED=abc # comment",
  "HASH=abc#no",
  "EMPTY=",
  "SPACED = spaced",
  "YAML: yes",
  'LINES="a\nb"',
  'PARTLY="a"b',
  "URL=postgres://u:p@h/d?x=1&y=2",
  "BACKSLASH=a\\nb",
  'CLOSED="x" # comment',
  'PEM="-----BEGIN\\nabc\\n-----END"',
  'UNCLOSED="abc',
  "no assignment",
  "FIRST_AGAIN=1",
  "FIRST_AGAIN=2",
];

for (const [name, end] of [["LF", "\n"], ["CRLF", "\r\n"]] as const) {
  Deno.test(`parseDotenv() reads a file with ${name} as the Supabase CLI does`, async () => {
    await withFolder(async (folder) => {
      const text = lines.join("\n").replaceAll("\n", end);
      const ours = parseDotenv(text);
      assert.deepEqual(ours, await readByCli(folder, text));
      assert.equal(ours.FIRST, "1");
    });
  });
}
