/** Milliseconds. What has just changed in Clerk arrives in less. */
const patience = 3_000;

/** Looks, and looks again a little later if something differs: a webhook may be under way. */
export async function settled<Seen>(
  look: () => Promise<Seen>,
  isFine: (seen: Seen) => boolean,
): Promise<Seen> {
  const first = await look();
  if (isFine(first)) return first;
  await new Promise((resolve) => setTimeout(resolve, patience));
  return await look();
}
