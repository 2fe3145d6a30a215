import { join } from "node:path";
import { readEnvironment, type StackOptions } from "../../../local/options.ts";
import { ifPresent } from "../../../local/presence.ts";
import { startStack } from "../../../local/stack.ts";
import { freePortBase } from "./free_port_base.ts";

/** The folder of used folders to copy, which lives as long as the test run. Outside a run there is none. */
const shelf = Deno.env.get("TEST_USED_FOLDERS");

/** What makes databases differ. */
export type DatabaseChoice = Required<Pick<StackOptions, "automaticGrants" | "postgresMajor">>;

/**
 * Makes a folder in which a stack has run once, with its keys, a migrated database and no users. A stack
 * really runs for the first such folder of a test run. The others are copies, which saves the making of
 * the database and the Supabase CLI.
 */
export async function makeUsedFolder(
  directory: string,
  choice: DatabaseChoice = {
    automaticGrants: false,
    postgresMajor: readEnvironment().postgresMajor,
  },
): Promise<void> {
  if (shelf === undefined) return await use(directory, choice);
  const original = join(shelf, `${choice.postgresMajor}-${choice.automaticGrants}`);
  if (await ifPresent(Deno.stat(original)) === undefined) {
    const draft = await Deno.makeTempDir({ dir: shelf });
    await use(draft, choice);
    // If another suite was faster, its folder stays. This one is removed with the run's.
    await Deno.rename(draft, original).catch(async (error) => {
      if (await ifPresent(Deno.stat(original)) === undefined) throw error;
    });
  }
  const { success, stderr } = await new Deno.Command("cp", {
    args: ["-a", `${original}/.`, directory],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function use(directory: string, choice: DatabaseChoice): Promise<void> {
  const databaseSettings = { fsync: "off" };
  const stack = await startStack({
    ...choice,
    directory,
    databaseSettings,
    portBase: freePortBase(),
  });
  await stack.stop();
}
