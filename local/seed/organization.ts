/** An organization to found at Clerk. Names are usernames of seeded users. */
export const seedOrganization = {
  name: "Analytical Engines",
  slug: "analytical-engines",
  founder: "ada",
  member: "grace",
};
