/** One error of an answer, in Clerk's form. */
export interface ClerkError {
  readonly message: string;
  readonly long_message: string;
  readonly code: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Why a request is refused. */
export interface ClerkFailure {
  readonly status: 400 | 401 | 403 | 404 | 415 | 422;
  readonly errors: readonly ClerkError[];
}

export interface Refusal {
  readonly ok: false;
  readonly failure: ClerkFailure;
}

/** The outcome of a Backend API operation. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** The body of an error answer. */
export function errorBody(errors: readonly ClerkError[]) {
  return { errors, clerk_trace_id: crypto.randomUUID().replaceAll("-", "") };
}

function refusal(
  status: ClerkFailure["status"],
  code: string,
  message: string,
  longMessage = message,
  parameter?: string,
): Refusal {
  const meta = parameter === undefined ? {} : { meta: { param_name: parameter } };
  const error = { message, long_message: longMessage, code, ...meta };
  return { ok: false, failure: { status, errors: [error] } };
}

/**
 * Clerk's errors by name. Status, code and wording come from the error index in Clerk's documentation
 * (guides/development/errors/backend-api).
 */
export const clerkErrors = {
  authorizationHeaderInvalid: () =>
    refusal(
      401,
      "authorization_header_format_invalid",
      "Invalid Authorization header format",
      "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'",
    ),
  secretKeyInvalid: () =>
    refusal(
      401,
      "clerk_key_invalid",
      "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.",
    ),
  urlNotFound: () => refusal(404, "resource_not_found", "URL not found", "The URL was not found"),
  userNotFound: (id: string) =>
    refusal(404, "resource_not_found", "not found", `No user was found with id ${id}`),
  identificationNotFound: (id: string) =>
    refusal(404, "resource_not_found", "Resource not found", `No resource was found for ID ${id}`),
  lastIdentification: () =>
    refusal(
      400,
      "identification_deletion_failed",
      "Deletion failed",
      "You cannot delete your last identification.",
    ),
  originInvalid: () =>
    refusal(
      400,
      "origin_invalid",
      "Invalid HTTP Origin header",
      "The Request HTTP Origin header must be equal to or a subdomain of the requesting URL.",
    ),
  signedOut: () => refusal(401, "signed_out", "Signed out", "You are signed out"),
  identifierNotFound: () =>
    refusal(
      422,
      "form_identifier_not_found",
      "Couldn't find your account.",
      undefined,
      "identifier",
    ),
  codeIncorrect: () =>
    refusal(422, "form_code_incorrect", "is incorrect", "Incorrect code", "code"),
  signInNotFound: (id: string) =>
    refusal(404, "resource_not_found", "Sign in not found", `No sign in was found with id ${id}`),
  signUpNotFound: (id: string) =>
    refusal(404, "resource_not_found", "Sign up not found", `No sign up was found with id ${id}`),
  sessionNotFound: (id: string) =>
    refusal(404, "resource_not_found", "Session not found", `No session was found with id ${id}`),
  organizationNotFound: () =>
    refusal(404, "resource_not_found", "not found", "Given organization not found."),
  organizationNotFoundOrUnauthorized: () =>
    refusal(
      404,
      "organization_not_found_or_unauthorized",
      "not found or unauthorized",
      "Given organization not found, or you don't have permission to access the organization",
    ),
  organizationCreatorNotFound: (userId: string) =>
    refusal(
      400,
      "organization_creator_not_found",
      "creator not found",
      `No users found with id ${userId}.`,
    ),
  organizationRoleNotFound: (parameter: string) =>
    refusal(404, "resource_not_found", "not found", "Organization role not found", parameter),
  membershipNotFound: () =>
    refusal(404, "resource_not_found", "not found", "Organization membership not found"),
  membershipExists: (userId: string) =>
    refusal(
      400,
      "already_a_member_in_organization",
      "already a member",
      `User ${userId} is already a member of the organization.`,
    ),
  userBanned: () =>
    refusal(
      403,
      "user_banned",
      "User banned",
      "You have been banned. If you think this was by mistake, please contact support.",
    ),
  svixAppExists: () =>
    refusal(400, "svix_app_exists", "Only one Svix app is allowed per instance."),
  svixAppMissing: () =>
    refusal(
      400,
      "svix_app_missing",
      "No Svix apps are associated with the current instance.",
    ),
  bodyInvalid: () =>
    refusal(
      400,
      "request_body_invalid",
      "Request body invalid",
      "The request body is invalid. Please consult the API documentation for more information.",
    ),
  contentTypeUnsupported: (actual: string) =>
    refusal(
      415,
      "unsupported_content_type",
      "Content-Type is unsupported",
      `Content-Type ${actual} is unsupported. You should use application/json instead.`,
    ),
  identifierExists: (parameter: string, label: string) =>
    refusal(
      422,
      "form_identifier_exists",
      `That ${label} is taken. Please try another.`,
      undefined,
      parameter,
    ),
  parameterUnknown: (parameter: string) =>
    refusal(
      422,
      "form_param_unknown",
      "is unknown",
      `${parameter} is not a valid parameter for this request.`,
      parameter,
    ),
  parameterMissing: (parameter: string) =>
    refusal(
      422,
      "form_param_missing",
      "is missing",
      `${parameter} must be included.`,
      parameter,
    ),
  parameterTypeInvalid: (parameter: string, type: string) =>
    refusal(
      422,
      "form_param_type_invalid",
      "is invalid",
      `\`${parameter}\` must be a \`${type}\`.`,
      parameter,
    ),
  parameterFormatInvalid: (parameter: string, longMessage: string) =>
    refusal(422, "form_param_format_invalid", "is invalid", longMessage, parameter),
  parameterValueInvalid: (parameter: string, longMessage: string) =>
    refusal(422, "form_param_value_invalid", "is invalid", longMessage, parameter),
  parameterValueTooLarge: (parameter: string, maximum: number) =>
    refusal(
      422,
      "form_param_value_too_large",
      "Value too large",
      `The value of ${parameter} can't be greater than ${maximum}`,
      parameter,
    ),
  parameterTimeInvalid: (parameter: string) =>
    refusal(
      422,
      "form_param_invalid_time",
      "invalid format",
      `${parameter} must contain a datetime specified in RFC3339 format (e.g. \`2022-10-20T10:00:27.645Z\`).`,
      parameter,
    ),
  parameterNotAllowedWith: (parameter: string, other: string) =>
    refusal(
      422,
      "form_conditional_param_disallowed",
      "is not allowed",
      `\`${parameter}\` isn't allowed when \`${other}\` is present.`,
      parameter,
    ),
  parameterTooMany: (parameter: string, maximum: number) =>
    refusal(
      422,
      "form_param_array_size_exceeded",
      "exceeds maximum size",
      `${parameter} should not exceed ${maximum} items.`,
      parameter,
    ),
  resourceMissing: (parameter: string) =>
    refusal(
      422,
      "form_resource_not_found",
      "is missing",
      `The resource associated with the supplied ${parameter} was not found.`,
      parameter,
    ),
  passwordTooShort: (parameter: string) =>
    refusal(
      422,
      "form_password_length_too_short",
      "Passwords must be 8 characters or more.",
      undefined,
      parameter,
    ),
  usernameInvalid: (parameter: string) =>
    refusal(
      422,
      "form_username_invalid_character",
      "Username can only contain letters, numbers and '_' or '-'.",
      undefined,
      parameter,
    ),
};
