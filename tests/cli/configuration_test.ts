import assert from "node:assert/strict";
import { parse } from "smol-toml";
import {
  applyEdits,
  editConfiguration,
  findContradictions,
  parseConfiguration,
  sectionOf,
  takeBackEdits,
} from "../../cli/install/configuration.ts";

const names = ["clerk-webhook", "users-me", "users-sync"];
const template = Deno.readTextFileSync(new URL("supabase_init.toml", import.meta.url));

/** Edits a text, and shows that it can be taken back. Returns the edited text. */
function edit(text: string, overwrite: readonly string[] = []): string {
  const edits = editConfiguration(text, names, overwrite);
  const edited = applyEdits(text, edits);
  assert.equal(takeBackEdits(edited, edits), text);
  return edited;
}

function functionsOf(text: string): unknown {
  return parse(text)["functions"];
}

/** What the sections must say at the least. */
const complete = Object.fromEntries(names.map((name) => [name, sectionOf(name)]));

const added = `
# Clerk sync: these functions verify tokens and signatures themselves.
[functions.clerk-webhook]
verify_jwt = false
import_map = "./functions/clerk-webhook/deno.json"
entrypoint = "./functions/clerk-webhook/index.ts"

[functions.users-me]
verify_jwt = false
import_map = "./functions/users-me/deno.json"
entrypoint = "./functions/users-me/index.ts"

[functions.users-sync]
verify_jwt = false
import_map = "./functions/users-sync/deno.json"
entrypoint = "./functions/users-sync/index.ts"
`;

/** Sections with nothing missing for all functions but this. */
function othersThan(name: string): string {
  return names.filter((other) => other !== name).map((other) =>
    `[functions.${other}]\nverify_jwt = false\nimport_map = "./functions/${other}/deno.json"\n` +
    `entrypoint = "./functions/${other}/index.ts"\n`
  ).join("\n");
}

Deno.test("the template of supabase init gets the sections at its end", () => {
  assert.equal(edit(template), template + added);
});

Deno.test("a text with CRLF gets CRLF", () => {
  const text = template.replaceAll("\n", "\r\n");
  assert.equal(edit(text), text + added.replaceAll("\n", "\r\n"));
});

Deno.test("a text without a final newline gets one first", () => {
  const text = template.trimEnd();
  assert.equal(edit(text), `${text}\n${added}`);
});

Deno.test("an empty text gets the sections", () => {
  assert.equal(edit(""), added);
});

Deno.test("a text that begins with a byte order mark keeps it", () => {
  assert.equal(edit('\uFEFFproject_id = "a"\n'), `\uFEFFproject_id = "a"\n${added}`);
});

Deno.test("a section is found after a byte order mark, and with its name in quotes", () => {
  for (
    const header of [
      "\uFEFF[functions.users-me]",
      '["functions"."users-me"]',
      "['functions'.users-me]",
      "\uFEFF [ \"functions\" . 'users-me' ] # mine",
    ]
  ) {
    for (const line of ["", "enabled = true\n", "verify_jwt = true\n"]) {
      const text = `${header}\n${line}\n${othersThan("users-me")}`;
      const edited = edit(text, ["users-me"]);
      assert.partialDeepStrictEqual(functionsOf(edited.replace("\uFEFF", "")), complete);
    }
  }
});

Deno.test("edits are taken back where an editor has removed the last line end", () => {
  for (const end of ["\n", "\r\n"]) {
    for (const before of ["", template, template.trimEnd()]) {
      const text = before.replaceAll("\n", end);
      const edits = editConfiguration(text, names);
      const edited = applyEdits(text, edits);
      assert.equal(takeBackEdits(edited.trimEnd(), edits), text);
      const other = edited.replaceAll(/\r?\n/g, end === "\n" ? "\r\n" : "\n").trimEnd();
      assert.equal(takeBackEdits(other, edits)?.replaceAll("\r", ""), before);
    }
  }
  const [first] = names;
  const last = `${othersThan(first ?? "")}\n[functions.${first}]\nenabled = true\n`;
  const edits = editConfiguration(last, names);
  assert.equal(takeBackEdits(applyEdits(last, edits).trimEnd(), edits)?.trimEnd(), last.trimEnd());
});

Deno.test("a text that has the sections is not edited", () => {
  assert.deepEqual(editConfiguration(template + added, names), []);
});

const incomplete = [
  ["nothing", "[functions.users-me]\n"],
  ["nothing, at the end", "[functions.users-me]"],
  ["a comment only", "[functions.users-me] # mine\n# verify_jwt = true\n"],
  ["verify_jwt", "[functions.users-me]\nverify_jwt = false # mine\n"],
  ["enabled = true", "[functions.users-me]\nenabled = true\n\n"],
  ["a path without ./", '[functions.users-me]\nimport_map = "functions/users-me/deno.json"\n'],
  ["static_files", '[functions.users-me]\nstatic_files = [\n  "./a.html",\n]\n'],
  ["quotes", '[functions."users-me"]\n'],
  ["spaces", "  [ functions . 'users-me' ]\n"],
  ["a commented twin above", "#[functions.users-me]\n[functions.users-me]\n"],
] as const;

for (const [what, section] of incomplete) {
  Deno.test(`a section with ${what} gets what it lacks`, () => {
    for (const end of ["\n", "\r\n"]) {
      for (const after of ["", `\n[analytics]\nenabled = true\n`]) {
        if (after !== "" && !section.endsWith("\n")) continue;
        const text = `${othersThan("users-me")}\n${section}${after}`.replaceAll("\n", end);
        const edited = edit(text);
        const present = parseConfiguration(text).functions["users-me"];
        assert.deepEqual(parseConfiguration(edited).functions, {
          ...complete,
          "users-me": { ...sectionOf("users-me"), ...present },
        });
        assert.equal(edited.includes("\r\n"), end === "\r\n");
        assert.equal(edited.replaceAll("\r\n", "").includes("\r"), false);
      }
    }
  });
}

const contradictory = [
  ["verify_jwt = true", "verify_jwt = true"],
  ["enabled = false", "enabled = false"],
  ['import_map = "./import_map.json"', 'import_map = "./import_map.json"'],
  ['entrypoint = "./functions/users-me/main.ts"', "entrypoint = './functions/users-me/main.ts'"],
] as const;

for (const [shown, line] of contradictory) {
  const text = `[functions.users-me]\n${line} # mine\n# a comment\n`;

  Deno.test(`a section with ${shown} is refused, with a way out`, () => {
    assert.throws(
      () => editConfiguration(text, names),
      ({ message }: Error) =>
        message.startsWith(`[functions.users-me] ${shown} in supabase/config.toml`) &&
        message.includes("try again") && !message.includes("\n"),
    );
  });

  Deno.test(`a section with ${shown} of a replaced function is set right`, () => {
    const edited = edit(text, ["users-me"]);
    assert.deepEqual(findContradictions(parseConfiguration(edited).functions, names), []);
    assert.match(edited, /^(?:verify_jwt|enabled|import_map|entrypoint) = \S+ # mine$/m);
    assert.match(edited, /\n# a comment\n/);
  });
}

Deno.test("a value that cannot be set right is refused, also of a replaced function", () => {
  const text = '[functions.users-me]\n"verify_jwt" = true\n';
  assert.throws(() => editConfiguration(text, names, ["users-me"]), /form that is not edited/);
});

const refused = [
  ["an inline table", "functions = { users-me = { verify_jwt = false } }\n"],
  ["an inline table of another", "functions = { other = { verify_jwt = false } }\n"],
  ["an inline section", "[functions]\nusers-me = { verify_jwt = false }\n"],
  ["dotted keys", "functions.users-me.verify_jwt = false\n"],
  ["dotted keys in a section", "[functions]\nusers-me.verify_jwt = false\n"],
  ["a section in a text", 'a = """\n[functions.users-me]\n"""\n[functions]\nusers-me = {}\n'],
] as const;

for (const [what, text] of refused) {
  Deno.test(`${what} is refused with one line`, () => {
    assert.throws(
      () => editConfiguration(text, names),
      /^Error: supabase\/config\.toml has the functions in a form that is not edited\..*try again$/,
    );
  });
}

Deno.test("other functions may have any form", () => {
  for (
    const text of [
      "[functions]\nother = { verify_jwt = true }\n",
      "[functions]\nother.verify_jwt = true\n",
      '[functions."other"]\nverify_jwt = true\n',
      '[functions.other]\nverify_jwt = "env(VERIFY)"\n\n[functions.other.env]\nA = "b"\n',
    ]
  ) assert.equal(edit(text), text + added);
});

Deno.test("values that name a variable of the environment are taken", () => {
  const text = '[db.migrations]\nenabled = "env(MIGRATE)"\nschema_paths = "env(PATHS)"\n';
  assert.equal(edit(text), text + added);
});

const unreadable = [
  ["a section declared twice", "[functions.a]\nb = 1\n[functions.a]\n", /line 3: /],
  ["a line that is no TOML", 'project_id = "a"\nwhat\n', /line 2: /],
  ["a text that does not end", 'a = "\n', /line 1: /],
  ["functions that are no sections", "functions = 3\n", /functions/],
  ["a function that is no section", "[functions]\nusers-me = true\n", /functions\.users-me/],
] as const;

for (const [what, text, place] of unreadable) {
  Deno.test(`${what} is reported in one line, with its place`, () => {
    assert.throws(() => parseConfiguration(text), ({ message }: Error) => {
      assert.match(message, /^supabase\/config\.toml cannot be read: [^\n]*nothing was changed$/);
      assert.match(message, place);
      return true;
    });
  });
}

Deno.test("what a branch overrides is found", () => {
  const text = `[remotes.staging.functions.users-me]\nverify_jwt = true\n${added}`;
  const { remotes } = parseConfiguration(text);
  const { staging } = remotes;
  assert.deepEqual(findContradictions(staging?.functions ?? {}, names), [
    "[functions.users-me] verify_jwt = true",
  ]);
  assert.equal(edit(text), text);
});

Deno.test("an edit that is no longer there, or there twice, is not taken back", () => {
  const edits = editConfiguration(template, names);
  const edited = applyEdits(template, edits);
  for (
    const [from, to] of [["users-me]", "users-you]"], ["verify_jwt = false", "verify_jwt = true"]]
  ) {
    assert.equal(takeBackEdits(edited.replace(from ?? "", to ?? ""), edits), undefined);
  }
  assert.equal(takeBackEdits(edited + added, edits), undefined);
});

Deno.test("an edit is taken back from among later changes", () => {
  const edits = editConfiguration(template, names);
  const edited = applyEdits(template, edits);
  assert.equal(takeBackEdits(`# mine\n${edited}[mine]\n`, edits), `# mine\n${template}[mine]\n`);
});

Deno.test("the functions' values are the functions of an edited template", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(functionsOf(edit(template)))), complete);
});
