import assert from "node:assert/strict";
import { readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../../cli/install/change.ts";
import { finishWriting, isUnfinished, writeChanges } from "../../cli/install/write.ts";
import { inFolder, picture, put } from "./folders.ts";
import { type Trouble, withTrouble } from "./failing_disk.ts";

/** An application, and a change of every kind: files changed, made, removed; folders made, removed. */
const before = {
  "README.md": "mine\n",
  "supabase/config.toml": "project_id = 'mine'\n",
  "supabase/functions/mine/index.ts": "mine\n",
  "supabase/functions/old/deep/index.ts": "old\n",
  "supabase/functions/old/mine.ts": "mine\n",
  "supabase/functions/gone/index.ts": "gone\n",
};

const changes: readonly Change[] = [
  { path: ".env.example", before: null, after: "SECRET=\n" },
  {
    path: "supabase/config.toml",
    before: before["supabase/config.toml"],
    after: "project_id = 'mine'\n\n[functions.new]\nverify_jwt = false\n",
  },
  { path: "supabase/functions/gone/index.ts", before: "gone\n", after: null },
  { path: "supabase/functions/new/deep/a.ts", before: null, after: "a\n" },
  { path: "supabase/functions/new/index.ts", before: null, after: "new\n" },
  { path: "supabase/functions/old/deep/index.ts", before: "old\n", after: null },
  { path: "supabase/migrations/1_a.sql", before: null, after: "select 1;\n" },
];

/** The folder before and after all changes, undisturbed. */
async function ends(changed = changes) {
  let all = { before: {}, after: {} };
  await inFolder((folder) => {
    put(folder, before);
    const first = picture(folder);
    writeChanges(folder, changed);
    all = { before: first, after: picture(folder) };
  });
  return all;
}

/** Writes the changes with trouble, in a new application. */
async function disturbed(
  trouble: Trouble,
  check: (folder: string, outcome: ReturnType<typeof withTrouble>) => void,
  changed = changes,
): Promise<void> {
  await inFolder((folder) => {
    put(folder, before);
    check(folder, withTrouble(trouble, () => writeChanges(folder, changed)));
  });
}

async function countOperations(changed = changes): Promise<number> {
  let count = 0;
  await disturbed(() => undefined, (_, { operations, thrown }) => {
    assert.equal(thrown, undefined);
    count = operations;
  }, changed);
  return count;
}

Deno.test("changes are written, and nothing else is left or lost", async () => {
  const { after } = await ends();
  assert.deepEqual(after, {
    ".env.example": "file SECRET=\n",
    "README.md": "file mine\n",
    "supabase": "folder",
    "supabase/config.toml": "file project_id = 'mine'\n\n[functions.new]\nverify_jwt = false\n",
    "supabase/functions": "folder",
    "supabase/functions/mine": "folder",
    "supabase/functions/mine/index.ts": "file mine\n",
    "supabase/functions/new": "folder",
    "supabase/functions/new/deep": "folder",
    "supabase/functions/new/deep/a.ts": "file a\n",
    "supabase/functions/new/index.ts": "file new\n",
    "supabase/functions/old": "folder",
    "supabase/functions/old/mine.ts": "file mine\n",
    "supabase/migrations": "folder",
    "supabase/migrations/1_a.sql": "file select 1;\n",
  });
});

Deno.test("whichever operation fails, the folder is as before or as after", async () => {
  const { before, after } = await ends();
  const all = await countOperations();
  assert.ok(all > 20);
  let unchanged = 0;
  for (let at = 0; at < all; at++) {
    await disturbed(
      (operation) => operation === at ? "fails" : undefined,
      (folder, { thrown }) => {
        assert.match(String(thrown), /No space left/);
        if (isUnfinished(folder)) finishWriting(folder);
        else unchanged++;
        const seen = picture(folder);
        assert.deepEqual(seen, isUnchanged(seen) ? before : after, `Operation ${at} failed`);
      },
    );
  }
  assert.ok(unchanged > 15, "most failures are put right at once");
});

function isUnchanged(seen: Record<string, string>): boolean {
  return !("supabase/functions/new/deep/a.ts" in seen);
}

Deno.test("wherever it is killed, the next run leaves the folder as before or as after", async () => {
  const { before, after } = await ends();
  const all = await countOperations();
  let completed = 0;
  for (let at = 0; at < all; at++) {
    await disturbed(
      (operation) => operation === at ? "killed" : undefined,
      (folder, { thrown }) => {
        assert.match(String(thrown), /Killed/);
        finishWriting(folder);
        const seen = picture(folder);
        if (!isUnchanged(seen)) completed++;
        assert.deepEqual(seen, isUnchanged(seen) ? before : after, `Killed at operation ${at}`);
      },
    );
  }
  assert.ok(completed > 5 && completed < all - 5);
});

Deno.test("killed while it puts a failed change right, the next run leaves the folder as before or as after", async () => {
  // One of each kind: every pair of operations is tried.
  const few = changes.slice(1, 4);
  const { before, after } = await ends(few);
  const all = await countOperations(few);
  for (let at = 0; at < all; at++) {
    for (let later = 1, more = true; more; later++) {
      const trouble: Trouble = (operation) =>
        operation === at ? "fails" : operation === at + later ? "killed" : undefined;
      await disturbed(trouble, (folder, { operations }) => {
        more = operations > at + later;
        finishWriting(folder);
        const seen = picture(folder);
        const place = `Operation ${at} failed, killed ${later} later`;
        assert.deepEqual(seen, isUnchanged(seen) ? before : after, place);
      }, few);
    }
  }
});

Deno.test("killed while it completes a killed change, the next run completes it", async () => {
  const { after } = await ends();
  const all = await countOperations();
  for (let later = 0, more = true; more; later++) {
    // The first operations after the journal is in its place exchange files.
    await disturbed(
      (operation) => operation === all - 10 ? "killed" : undefined,
      (folder) => {
        const again = withTrouble(
          (operation) => operation === later ? "killed" : undefined,
          () => finishWriting(folder),
        );
        more = again.operations > later;
        finishWriting(folder);
        assert.deepEqual(picture(folder), after);
      },
    );
  }
});

Deno.test("a file where a folder must go stops it, and all is as before", async () => {
  await inFolder((folder) => {
    put(folder, { ...before, "supabase/migrations": "a file\n" });
    const seen = picture(folder);
    assert.throws(() => writeChanges(folder, changes));
    assert.deepEqual(picture(folder), seen);
  });
});

Deno.test("a changed file keeps its mode", async () => {
  await inFolder((folder) => {
    put(folder, before);
    Deno.chmodSync(join(folder, "supabase/config.toml"), 0o600);
    writeChanges(folder, changes);
    const { mode } = Deno.statSync(join(folder, "supabase/config.toml"));
    assert.equal((mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("a link stays a link, and the file that it names is changed", async () => {
  await inFolder((folder) => {
    put(folder, { ...before, "shared/config.toml": before["supabase/config.toml"] });
    const link = join(folder, "supabase/config.toml");
    Deno.removeSync(link);
    symlinkSync("../shared/config.toml", link);
    writeChanges(folder, changes);
    assert.equal(readlinkSync(link), "../shared/config.toml");
    assert.match(Deno.readTextFileSync(join(folder, "shared/config.toml")), /functions\.new/);
  });
});

Deno.test("a read-only file is named, and nothing is changed", async () => {
  await inFolder((folder) => {
    put(folder, before);
    Deno.chmodSync(join(folder, "supabase/config.toml"), 0o444);
    const seen = picture(folder);
    assert.throws(() => writeChanges(folder, changes), {
      message: "supabase/config.toml is read-only. Make it writable (chmod u+w), and try again",
    });
    assert.deepEqual(picture(folder), seen);
  });
});

Deno.test("a folder on another file system is named, and nothing is changed", async () => {
  const away = await Deno.makeTempDir({ dir: "/dev/shm" }).catch(() => undefined);
  if (away === undefined) return;
  try {
    await inFolder((folder) => {
      if (Deno.statSync(folder).dev === Deno.statSync(away).dev) return;
      put(folder, before);
      symlinkSync(away, join(folder, "supabase/migrations"));
      const seen = picture(folder);
      assert.throws(() => writeChanges(folder, changes), {
        message:
          /^supabase\/migrations\/1_a\.sql is on another file system than supabase, .* and try again$/,
      });
      assert.deepEqual(picture(folder), seen);
    });
  } finally {
    await Deno.remove(away, { recursive: true });
  }
});

Deno.test("a finished folder is left alone", async () => {
  await inFolder((folder) => {
    put(folder, before);
    const seen = picture(folder);
    assert.equal(isUnfinished(folder), false);
    finishWriting(folder);
    writeChanges(folder, []);
    assert.deepEqual(picture(folder), seen);
  });
});

/** Writes the changes in a process that sends itself a signal at each call of a Deno function. */
async function writeUnderSignal(folder: string, name: string, signal: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", import.meta.resolve("./write_under_signal.ts")],
      ...[folder, JSON.stringify(changes), name, signal],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  Deno.test(`${signal} in the middle waits until the change is complete`, async () => {
    const { after } = await ends();
    await inFolder(async (folder) => {
      put(folder, before);
      await writeUnderSignal(folder, "renameSync", signal);
      assert.deepEqual(picture(folder), after);
    });
  });
}

Deno.test("a process that is really killed leaves what the next run completes", async () => {
  const { after } = await ends();
  await inFolder(async (folder) => {
    put(folder, before);
    assert.equal(await writeUnderSignal(folder, "removeSync", "SIGKILL"), false);
    assert.ok(isUnfinished(folder));
    finishWriting(folder);
    assert.deepEqual(picture(folder), after);
  });
});
