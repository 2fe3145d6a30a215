/** An organization to create in Clerk. `founder` and `member` are usernames of seeded users. */
export const seedOrganization = {
  name: "Analytical Engines",
  slug: "analytical-engines",
  founder: "ada",
  member: "grace",
};
