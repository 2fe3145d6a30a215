import type { ClerkClient } from "@clerk/backend";
import type { DoubleAction } from "./action.ts";

type Change = Extract<DoubleAction, { action: "change_user" }>;

/**
 * Changes a user's names and email addresses. After a refusal in the middle it may be asked for again.
 *
 * @throws Error of the Clerk client
 */
export async function changeUser(
  { users, emailAddresses }: ClerkClient,
  { id, first_name: firstName, last_name: lastName, ...change }: Change,
): Promise<void> {
  const { added_email: added, removed_email_ids: removed, primary_email_id: primary } = change;
  const current = (await users.getUser(id)).emailAddresses;
  let addedId = current.find(({ emailAddress }) => emailAddress === added?.toLowerCase())?.id;
  if (added !== null && addedId === undefined) {
    const email = { userId: id, emailAddress: added, verified: true };
    addedId = (await emailAddresses.createEmailAddress(email)).id;
  }
  const primaryId = primary === "added" ? addedId : primary ?? undefined;
  const email = primaryId === undefined ? {} : { primaryEmailAddressID: primaryId };
  await users.updateUser(id, { firstName, lastName, ...email });
  for (const one of current) {
    if (removed.includes(one.id)) await emailAddresses.deleteEmailAddress(one.id);
  }
}
