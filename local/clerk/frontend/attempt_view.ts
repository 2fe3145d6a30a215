import type { EmailCheck, SignIn, SignUp } from "./document.ts";

type Json = Readonly<Record<string, unknown>>;

const strategy = "email_code";

/** A sign-in as Clerk's browser packages read it. */
export function renderSignIn(signIn: SignIn): Json {
  return {
    object: "sign_in",
    id: signIn.id,
    status: signIn.created_session_id === null ? "needs_first_factor" : "complete",
    supported_identifiers: ["email_address"],
    identifier: signIn.email_address,
    supported_first_factors: [{
      strategy,
      email_address_id: signIn.email_address_id,
      safe_identifier: signIn.email_address,
      primary: true,
    }],
    supported_second_factors: null,
    first_factor_verification: renderCheck(signIn.check),
    second_factor_verification: null,
    user_data: null,
    created_session_id: signIn.created_session_id,
  };
}

/** A sign-up as Clerk's browser packages read it. */
export function renderSignUp(signUp: SignUp): Json {
  const { check, ...rest } = signUp;
  return {
    ...rest,
    object: "sign_up",
    status: signUp.created_user_id === null ? "missing_requirements" : "complete",
    required_fields: ["email_address"],
    optional_fields: ["first_name", "last_name", "username"],
    missing_fields: signUp.email_address === null ? ["email_address"] : [],
    unverified_fields: check === "verified" ? [] : ["email_address"],
    verifications: {
      email_address: {
        ...renderCheck(check),
        next_action: nextAction[check],
        supported_strategies: [strategy],
      },
      phone_number: null,
      web3_wallet: null,
      external_account: null,
    },
    phone_number: null,
    web3_wallet: null,
    external_account: null,
    external_account_strategy: null,
    has_password: false,
    abandon_at: null,
    legal_accepted_at: null,
    locale: null,
    timezone: null,
  };
}

const nextAction: Readonly<Record<EmailCheck, string>> = {
  not_sent: "needs_prepare",
  sent: "needs_attempt",
  verified: "",
};

function renderCheck(check: EmailCheck): Json | null {
  if (check === "not_sent") return null;
  return {
    object: "verification_email_code",
    status: check === "verified" ? "verified" : "unverified",
    strategy,
    attempts: null,
    expire_at: null,
  };
}
