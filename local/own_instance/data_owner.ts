import { join } from "node:path";
import { databaseMark } from "../postgres/cluster.ts";
import { ifPresent, removeAll } from "../presence.ts";

/**
 * Makes a stack folder's data belong to a Clerk instance. Rows of two instances must never mix.
 *
 * @param instance the id of the developer's own instance; undefined: the double
 * @throws Error with what to do if there is data of another one
 */
export async function claimData(directory: string, instance: string | undefined): Promise<void> {
  const record = join(directory, "clerk_instance");
  const made = await ifPresent(Deno.stat(databaseMark(directory))) !== undefined;
  const owner = made ? await ifPresent(Deno.readTextFile(record)) : instance;
  if (owner !== instance) throw new Error(refuse(directory, owner, instance));
  await removeAll(record);
  if (instance !== undefined) await Deno.writeTextFile(record, instance, { createNew: true });
}

function refuse(directory: string, owner: string | undefined, instance: string | undefined) {
  const elsewhere = "or choose another folder with LOCAL_DIR";
  if (instance === undefined) {
    return `The data in ${directory} belongs to your Clerk instance ${owner}. Use it with: deno task ` +
      `start --clerk. Or start over with: deno task start --fresh, ${elsewhere}`;
  }
  const whose = owner === undefined ? "the Clerk double" : `your Clerk instance ${owner}`;
  return `The data in ${directory} belongs to ${whose}, not to ${instance}. Start over with: deno ` +
    `task start --clerk --fresh, ${elsewhere}`;
}
