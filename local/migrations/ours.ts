/** This project's files in supabase/migrations. All others are the application's own and are never changed. */
export const ourMigrations: readonly string[] = [
  "20261123085900_preflight.sql",
  "20261123090000_users.sql",
  "20261123090010_organizations.sql",
  "20261123090020_clerk_auth.sql",
  "20261123090100_clerk_deliveries.sql",
  "20261123090200_applied_facts.sql",
  "20261123090210_write_users.sql",
  "20261123090220_write_organizations.sql",
  "20261123090230_write_memberships.sql",
  "20261123090240_apply_clerk_facts.sql",
  "20261123090300_purge.sql",
  "20261123090400_find_clerk_user.sql",
  "20261123090500_revive_clerk_user.sql",
];
