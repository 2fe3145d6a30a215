import { clerkUserJson, emailAddressJson } from "../../tests/support/clerk/user_json.ts";

/** Distinct users of one run: `user_RUN_0`, `user_RUN_1` and so on. */
export function userIds(run: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user_${run}_${index}`);
}

/** A user who signed up with Google, in about 2.5 KB, as Clerk's events and its Backend API have them. */
export function userJson(id: string): Record<string, unknown> {
  const now = Date.now();
  const address = `${id}@example.com`;
  return clerkUserJson({
    id,
    username: null,
    external_id: null,
    primary_phone_number_id: null,
    phone_numbers: [],
    image_url:
      "https://img.clerk.com/eyJ0eXBlIjoicHJveHkiLCJzcmMiOiJodHRwczovL2ltYWdlcy5jbGVyay5kZXYvb2F1dGhfZ29vZ2xlL2ltZ18yIn0",
    profile_image_url: "https://images.clerk.dev/oauth_google/img_2abcdefghijklmnopqrstuvwxyz",
    email_addresses: [
      emailAddressJson("idn_work", address, {
        linked_to: [{ type: "oauth_google", id: "idn_google" }],
        matches_sso_connection: false,
        reserved: false,
        verification: {
          object: "verification_from_oauth",
          attempts: null,
          error: null,
          expire_at: null,
          status: "verified",
          strategy: "from_oauth_google",
        },
        created_at: now,
        updated_at: now,
      }),
    ],
    external_accounts: [{
      object: "google_account",
      id: "idn_google",
      provider: "oauth_google",
      approved_scopes:
        "email https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile openid profile",
      google_id: "111111111111111111111",
      identification_id: "idn_google",
      email_address: address,
      family_name: "Lovelace",
      given_name: "Ada",
      picture:
        "https://lh3.googleusercontent.com/a/ACg8ocIabcdefghijklmnopqrstuvwxyz0123456789=s1000-c",
      label: null,
      public_metadata: {},
      verification: {
        object: "verification_oauth",
        attempts: null,
        expire_at: now + 600_000,
        status: "verified",
        strategy: "oauth_google",
      },
      created_at: now,
      updated_at: now,
    }],
    passkeys: [],
    saml_accounts: [],
    enterprise_accounts: [],
    public_metadata: { plan: "pro", seats: 12, onboarding: { step: 3, done: false } },
    unsafe_metadata: { theme: "dark", utm: { source: "search", campaign: "spring" } },
    private_metadata: {},
    backup_code_enabled: false,
    create_organization_enabled: true,
    delete_self_enabled: true,
    mfa_disabled_at: null,
    mfa_enabled_at: null,
    password_enabled: false,
    totp_enabled: false,
    two_factor_enabled: false,
    legal_accepted_at: null,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: 100,
    last_active_at: now,
    last_sign_in_at: now,
    created_at: now,
    updated_at: now,
  });
}
