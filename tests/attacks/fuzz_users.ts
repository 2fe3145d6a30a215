import { canary } from "../support/leaks/leak.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";

/** Users with a row, one user without a row, and one deleted user. */
export async function signUpForFuzzing(): Promise<readonly string[]> {
  const personal = { firstName: canary, lastName: canary, publicMetadata: { plan: canary } };
  const users = await Promise.all(Array.from({ length: 4 }, () => signUp(personal)));
  const deleted = await signUp(personal);
  await clerk().users.deleteUser(deleted.id);
  await webhooksSettled();
  return [...users.map(({ id }) => id), deleted.id, "user_whomNobodyKnows"];
}
