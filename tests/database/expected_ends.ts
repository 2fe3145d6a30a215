/**
 * How each of `prior_states/` ends. A refusal's message names exactly one obstacle for each of these
 * parts. `then` is the end after the message's own statements have run.
 */
export type End = "taken over" | {
  readonly refused: readonly string[];
  readonly then?: "taken over";
};

/** Refused at first, and taken over after the message's statements have run. */
function until(...refused: string[]): End {
  return { refused, then: "taken over" };
}

/** Refused. Only the owner can decide what to do. */
function refused(...parts: string[]): End {
  return { refused: parts };
}

export const ends: Readonly<Record<string, End>> = {
  app_grants: until('public.users: policy "p" may let users'),
  check_constraints: until("check constraint email_has_at", "check constraint username_short"),
  children: until("public.users: public.admins inherits from it"),
  citext: "taken over",
  clerk_fdw: "taken over",
  clerk_id_deferrable: until("unique constraint users_clerk_id_key is deferrable"),
  clerk_id_duplicate: refused("public.users: 2 row(s) with duplicate clerk_id"),
  clerk_id_lower_unique: until("unique index users_clerk_id_lower"),
  clerk_id_not_unique: "taken over",
  clerk_id_of_other_types: refused(
    "public.organization_memberships: column clerk_id is integer[] and has to be text",
    "public.organizations: column clerk_id is bigint and has to be text",
    "public.users: column clerk_id is uuid and has to be text",
    "public.users: unique constraint users_email_key",
  ),
  clerk_id_primary_key: "taken over",
  clerk_updated_at_of_another_handler: "taken over",
  column_jwt: "taken over",
  collations: until("public.users: foreign key posts_author_fkey of public.posts"),
  composite_key: "taken over",
  constraint_named_as_ours: until(
    "public.users: constraint users_clerk_id_present has the name of one of ours",
    'policy "all" may let users',
  ),
  deferred_foreign_key: until("SQLSTATE 23503 users users_team_id_fkey"),
  deferred_foreign_key_met: "taken over",
  deleted_at_rows: "taken over",
  domain_columns: until("column email is public.email_address and has to be text"),
  email_referenced: until(
    "public.users: foreign key posts_author_email_fkey of public.posts",
    "public.users: foreign key zeal_clerk_id_username_fkey of public.zeal",
    "public.users: unique constraint users_email_key",
  ),
  email_unique_not_null: until("unique constraint users_email_key"),
  empty_clerk_id: until("public.users: 1 row(s) with empty clerk_id"),
  empty_schemas: "taken over",
  ensure_rls: "taken over",
  event_trigger_audits: refused(
    "a new table is refused, or its rows (tried as service_role): SQLSTATE 42501 in public.audit",
  ),
  event_trigger_keeps_tables: "taken over",
  event_trigger_refuses: refused(
    "a new table is refused, or its rows (tried as service_role): SQLSTATE P0001 in public.no_tables",
  ),
  event_trigger_refuses_indexes: refused(
    "a new table is refused, or its rows (tried as service_role): SQLSTATE P0001 in public.no_indexes",
  ),
  everything_at_once: refused(
    "public.everybody: shows rows past their policies to anon, authenticated",
    "public.organization_memberships: column user_clerk_id is uuid",
    "public.organizations: has no column clerk_id",
    "public.users: 1 row(s) with empty clerk_id",
    "public.users: foreign key users_id_fkey",
    "public.users: column phone is bigint",
    "public.users: column tenant is required",
    "public.users: unique constraint users_email_key",
  ),
  exclusion_constraint: until("exclusion constraint users_email_excl"),
  fk_to_users_no_action: "taken over",
  force_rls: "taken over",
  fresh: "taken over",
  generated_columns_restrict: until(
    "public.users: check constraint users_handle_check",
    "public.users: foreign key users_domain_fkey",
    "public.users: unique constraint users_email_lower_key",
    "public.users: unique constraint users_id_lower_key",
    "public.users: unique index users_greeting_lower",
  ),
  generated_is_active: until("column is_active is generated"),
  generated_name: "taken over",
  granted_views: until(
    "public.user_emails: shows rows past their policies",
    "public.user_mat: shows rows past their policies",
  ),
  hardened_defaults: "taken over",
  id_bigint: "taken over",
  id_default_auth_uid: until("SQLSTATE 23502 users.id"),
  id_integer_without_default: until(
    "public.organizations: column id is required",
    "public.users: column id is required",
  ),
  id_is_clerk_id: until(
    "public.users: has no column clerk_id",
    "public.users: column id is required",
  ),
  id_of_auth_users: until(
    "public.organizations: column key is required",
    "public.users: foreign key users_id_fkey",
  ),
  id_without_default: "taken over",
  identity_columns: "taken over",
  inherits: until("public.users: inherits from public.base"),
  json_column: "taken over",
  many_rows: "taken over",
  memberships_foreign_keys: until(
    "foreign key organization_memberships_organization_clerk_id_fkey",
    "foreign key organization_memberships_user_clerk_id_fkey",
    "unique constraint organization_memberships_organization_clerk_id_user_clerk_i_key",
  ),
  memberships_incomplete: "taken over",
  memberships_role_enum: until("column role is public.org_role and has to be text"),
  memberships_varchar: "taken over",
  memberships_without_key: "taken over",
  metadata_json: "taken over",
  metadata_json_unusual: until(
    "1 row(s) with metadata that is not a JSON object",
    "1 row(s) with metadata that jsonb cannot hold",
    "1 row(s) with public_metadata that is not a JSON object",
    "1 row(s) with public_metadata that jsonb cannot hold",
  ),
  names_taken: until(
    "function public.find_clerk_users(text): has the name",
    "public.clerk_deliveries: exists already",
    "public.clerk_sync_runs: exists already",
    "schema clerk_sync: exists already",
  ),
  names_taken_by_another_owner: until(
    "public.clerk_deliveries: belongs to prior_state_owner",
    "public.clerk_deliveries: exists already",
    "public.users: belongs to prior_state_owner",
    "public.users: is a view",
  ),
  nulls: "taken over",
  objects_named_as_ours: until(
    "public.clerk_deliveries: exists already",
    "public.clerk_deliveries: index clerk_deliveries_received_at has the name",
    "public.orders: index clerk_sync_runs_open has the name",
    "public.orders: index users_clerk_created_at has the name",
    "public.organization_memberships: constraint organization_memberships_user_key has the name",
    "view organizations_clerk_created_at has the name",
    "public.users: constraint users_metadata_size has the name",
    'public.users: policy "Only active users see rows" has the name',
    "public.users: trigger users_stamp_updated_at has the name",
  ),
  organizations_app: until(
    "public.organizations: has no column clerk_id",
    "unique constraint organizations_slug_key",
  ),
  organizations_app_restricted: until(
    "public.organizations: has no column clerk_id",
    "public.organizations: column owner_id is required",
    "public.organizations: unique constraint organizations_slug_key",
    'public.organizations: policy "own" calls auth.uid()',
  ),
  organizations_clerk_unique_slug: until(
    "column created_by is uuid",
    "unique constraint organizations_slug_key",
  ),
  owned_by_another_role: "taken over",
  owned_by_role_of_postgres: until(
    "public.users: belongs to prior_state_owner, whose rights you do not have",
  ),
  owned_by_service_role: until("public.users: its owner service_role is a role of the API"),
  owned_by_supabase_admin: refused("public.users: belongs to supabase_admin"),
  owned_by_users_of_the_api: until(
    "public.memberships_0: its owner prior_state_owner",
    "public.organizations: its owner prior_state_owner",
    "public.users: its owner authenticated",
    "schema clerk_auth: its owner authenticated",
  ),
  partition_of_people: until(
    "public.users: is a partition of public.people",
    "public.users: column kind is required",
  ),
  partitioned_by_clerk_id: "taken over",
  partitioned_by_tenant: refused("public.users: is partitioned by more than clerk_id"),
  partitions_restrict: until(
    "public.users_0: unique index users_0_email",
    "public.users_1: check constraint users_1_username",
    "public.users_1: is unlogged",
  ),
  policies_auth_uid: until(
    'policy "Users can view own data" calls auth.uid()',
    'policy "Users can update own data" calls auth.uid()',
  ),
  policies_kept: "taken over",
  policies_of_every_kind: until(
    'policy "a" may let users',
    'policy "b" may let users',
    'policy "c" calls auth.uid()',
    `policy "d'"e" may let users`,
    'policy "kept, but fails" calls auth.uid()',
  ),
  policies_public: until(
    'policy "Enable read access for all users" may let users',
    'policy "Enable update for all" may let users',
  ),
  pre_request: "taken over",
  realtime_pub: "taken over",
  relations_named_as_ours: until(
    "public.clerk_deliveries: exists already",
    "public.clerk_sync_runs: exists already",
    "public.organizations: is an index",
    "public.users: is a sequence",
  ),
  required_column: until("column tenant_id is required"),
  required_synchronised_columns: "taken over",
  rights_passed_on: until(
    "public.organizations: prior_state_member passed on rights on it to anon",
    "public.users: service_role passed on rights on it to prior_state_member",
  ),
  role_enum_and_phone_number: until(
    "column phone is bigint",
    "unique constraint users_username_key",
  ),
  role_of_the_api: until("prior_state_member has rights on it"),
  role_of_the_api_and_owner: until("public.users: prior_state_member has rights on it"),
  rows_that_do_not_fit: refused(
    "2 row(s) with empty clerk_id",
    "1 row(s) with erased_at",
    "1 row(s) with last_sign_in_at that is infinite",
    "1 row(s) with metadata of more than 16 KiB",
    "row(s) with metadata that is not a JSON object",
    "row(s) with public_metadata that is not a JSON object",
  ),
  rules: until("rule keep_users", "rule note_users"),
  rules_elsewhere: until(
    "public.addresses: rule change address reads or writes rows",
    "public.signups: rule also reads or writes rows",
  ),
  schema_clerk_auth: until("schema clerk_auth: exists already"),
  schemas_granted: "taken over",
  secret_columns: "taken over",
  serial_id: "taken over",
  short_columns: "taken over",
  timestamp_without_tz: "taken over",
  trigger_changes: refused("a trigger blocks or changes"),
  trigger_disabled: "taken over",
  trigger_asserts: refused("SQLSTATE P0004 in public.require_email"),
  trigger_raises: refused("SQLSTATE P0001 in public.require_email"),
  trigger_raises_statement: refused("SQLSTATE 45000 in public.read_only"),
  trigger_redirects: refused("a trigger blocks or changes"),
  trigger_skips_deletion: refused("a trigger blocks or changes"),
  trigger_without_rights: refused("SQLSTATE 42501 in public.audit"),
  triggers: "taken over",
  tutorial_clerkid_nullable: "taken over",
  types_in_use: until(
    "public.addresses: uses clerk_id, email of public.users, whose type has to change",
    "public.contacts: uses clerk_id, email of public.users",
    "public.days: uses created_at of public.users",
    'public.posts: policy "mine" uses clerk_id of public.users',
    "public.users: unique constraint users_email_key",
    'public.users: policy "hers" may let users',
    "public.users: trigger touch uses email of public.users",
  ),
  types_named_as_ours: until(
    "public.clerk_deliveries: is the name of a type",
    "public.clerk_sync_runs: is the name of a type",
    "public.organization_memberships: is the name of a type",
    "public.organizations: is a type",
  ),
  unique_expression: until(
    "unique index users_email_lower",
    "unique index users_username_of_the_living",
  ),
  unlogged: until("public.users: is unlogged"),
  users_created_at_bigint: until("column created_at is bigint", "column updated_at is bigint"),
  users_fk_auth_users: until(
    "public.users: has no column clerk_id",
    "public.users: foreign key users_id_fkey",
    'policy "Can view own user data." calls auth.uid()',
  ),
  users_partial_unique: "taken over",
  view_named_users: until("public.users: is a view"),
  view_of_a_short_column: until(
    "public.addresses: uses email of public.users, whose type has to change",
  ),
  view_of_a_view: until("public.emails: shows rows past their policies"),
  views_for_everybody: until(
    "public.emails: shows rows past their policies to public",
    "public.ids: shows rows past their policies to prior_state_member",
  ),
  views_of_partitions: until(
    "public.first_half: shows rows past their policies",
    "public.second_half: shows rows past their policies",
  ),
};
