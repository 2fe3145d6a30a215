import assert from "node:assert/strict";
import { join } from "node:path";
import {
  describeFunction,
  findOtherWebhooks,
  readExistingFunction,
} from "../../cli/install/existing_function.ts";
import { inFolder, put } from "./folders.ts";

const webhook = `
import { Webhook } from "svix";
const id = Buffer.from("secret").toString() + Array.from('abc') + Uint8Array.from("12");
switch (event.type) {
  case "user.created":
  case 'user.updated':
    await supabase.from("profiles").upsert(row);
    await supabase
      .from('teams').insert(row);
    await supabase.storage.from("avatars").upload(path);
    break;
  case \`organizationMembership.deleted\`:
    log("user.email", "session.token");
}
`;

Deno.test("a webhook's events and tables are found in all its code", async () => {
  await inFolder(async (folder) => {
    put(folder, {
      "supabase/functions/hook/index.ts": webhook,
      "supabase/functions/hook/lib/more.js": 'db.from("audit_log"); on("session.created")',
      "supabase/functions/hook/README.md": '"email.created" .from("notes")',
    });
    const found = await readExistingFunction(folder, "hook");
    assert.deepEqual(found, {
      name: "hook",
      files: ["README.md", "index.ts", "lib/more.js"].map((path) =>
        `supabase/functions/hook/${path}`
      ),
      events: [
        "organizationMembership.deleted",
        "session.created",
        "user.created",
        "user.updated",
      ],
      tables: ["audit_log", "profiles", "teams"],
    });
  });
});

Deno.test("a function that is not there is not found", async () => {
  await inFolder(async (folder) => {
    put(folder, { "supabase/functions/file": "" });
    assert.equal(await readExistingFunction(folder, "none"), undefined);
    assert.equal(await readExistingFunction(folder, "file"), undefined);
    assert.deepEqual(await findOtherWebhooks(join(folder, "none"), []), []);
  });
});

Deno.test("other webhooks are functions whose code names an event of Clerk's", async () => {
  await inFolder(async (folder) => {
    put(folder, {
      "supabase/functions/clerk-webhook/index.ts": webhook,
      "supabase/functions/clerk-webhooks/index.ts": webhook,
      "supabase/functions/another/index.ts": 'on("organization.created")',
      "supabase/functions/mail/index.ts": 'log("user.email")',
      "supabase/functions/_shared/events.ts": webhook,
      "supabase/functions/import_map.json": '{"a": "user.created"}',
    });
    const others = await findOtherWebhooks(folder, ["clerk-webhook"]);
    assert.deepEqual(others.map(({ name }) => name), ["another", "clerk-webhooks"]);
  });
});

Deno.test("a function whose folder is a link is found, and a link to nothing does no harm", async () => {
  await inFolder(async (project) => {
    put(project, {
      "shared/hook/index.ts": 'on("user.created");',
      "supabase/functions/other/index.ts": "export {};",
    });
    Deno.symlinkSync("../../shared/hook", join(project, "supabase/functions/clerk-hook"));
    Deno.symlinkSync("nowhere.ts", join(project, "supabase/functions/other/lost.ts"));
    Deno.symlinkSync("..", join(project, "supabase/functions/other/above.ts"));
    const found = await findOtherWebhooks(project, []);
    assert.deepEqual(found.map(({ name, events }) => [name, ...events]), [
      ["clerk-hook", "user.created"],
    ]);
  });
});

Deno.test("a function is described by what its code names", () => {
  const one = { name: "a", files: [] };
  const events = ["user.created", "user.deleted", "user.updated"];
  for (
    const [found, text] of [
      [
        { events, tables: ["users"] },
        "It seems to handle user.created, user.deleted and user.updated, and to use the table users",
      ],
      [{ events: [], tables: ["a", "b"] }, "It seems to use the tables a and b"],
      [{ events: ["user.created"], tables: [] }, "It seems to handle user.created"],
      [{ events: [], tables: [] }, "Its code names neither Clerk's events nor tables"],
    ] as const
  ) assert.equal(describeFunction({ ...one, ...found }), text);
});
