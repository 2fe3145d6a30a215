/** A user to sign up in Clerk. */
export type SeedUser = {
  firstName: string;
  lastName: string;
  username: string;
  emailAddress?: string[];
  phoneNumber?: string[];
  publicMetadata?: Record<string, string>;
  /** The primary address. By default, Clerk takes the first. */
  primary?: string;
};

/** Users that vary as real ones do: one has two addresses, one has none. */
export const seedUsers: SeedUser[] = [
  {
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    emailAddress: ["ada@example.com"],
    publicMetadata: { plan: "pro" },
  },
  {
    firstName: "Grace",
    lastName: "Hopper",
    username: "grace",
    emailAddress: ["grace.old@example.com", "grace@example.com"],
    primary: "grace@example.com",
  },
  { firstName: "Alan", lastName: "Turing", username: "alan", phoneNumber: ["+15555550100"] },
];
