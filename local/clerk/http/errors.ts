/** One error of an answer, in Clerk's shape. */
export interface ClerkError {
  message: string;
  "long_message": string;
  code: string;
  meta?: Record<string, unknown>;
}

/** The statuses that the double refuses a request with. */
export type ClerkErrorStatus = 400 | 401 | 403 | 404 | 415 | 422;

/** A refused request. */
export interface ClerkFailure {
  status: ClerkErrorStatus;
  errors: ClerkError[];
}

/** What an operation of the Backend API comes to. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; failure: ClerkFailure };

/** An operation that was done. */
export function done<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

/** An operation that was refused. */
export function refused(failure: ClerkFailure): { ok: false; failure: ClerkFailure } {
  return { ok: false, failure };
}

/** The body of an error answer. */
export function errorBody(failure: Pick<ClerkFailure, "errors">): {
  errors: ClerkError[];
  clerk_trace_id: string;
} {
  return { errors: failure.errors, clerk_trace_id: crypto.randomUUID().replaceAll("-", "") };
}

function failure(
  status: ClerkErrorStatus,
  code: string,
  message: string,
  longMessage = message,
  parameter?: string,
): ClerkFailure {
  const meta = parameter === undefined ? {} : { meta: { param_name: parameter } };
  return { status, errors: [{ message, long_message: longMessage, code, ...meta }] };
}

/**
 * Clerk's errors by name. Statuses, codes and wording follow the error index of Clerk's
 * documentation (guides/development/errors/backend-api).
 */
export const clerkErrors = {
  authorizationHeaderInvalid: () =>
    failure(
      401,
      "authorization_header_format_invalid",
      "Invalid Authorization header format",
      "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'",
    ),
  secretKeyInvalid: () =>
    failure(
      401,
      "clerk_key_invalid",
      "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.",
    ),
  urlNotFound: () => failure(404, "resource_not_found", "URL not found", "The URL was not found"),
  userNotFound: (id: string) =>
    failure(404, "resource_not_found", "not found", `No user was found with id ${id}`),
  sessionNotFound: (id: string) =>
    failure(404, "resource_not_found", "Session not found", `No session was found with id ${id}`),
  organizationNotFound: () =>
    failure(404, "resource_not_found", "not found", "Given organization not found."),
  organizationNotFoundOrUnauthorized: () =>
    failure(
      404,
      "organization_not_found_or_unauthorized",
      "not found or unauthorized",
      "Given organization not found, or you don't have permission to access the organization",
    ),
  organizationCreatorNotFound: (userId: string) =>
    failure(
      400,
      "organization_creator_not_found",
      "creator not found",
      `No users found with id ${userId}.`,
    ),
  organizationRoleNotFound: (parameter: string) =>
    failure(404, "resource_not_found", "not found", "Organization role not found", parameter),
  membershipNotFound: () =>
    failure(404, "resource_not_found", "not found", "Organization membership not found"),
  membershipExists: (userId: string) =>
    failure(
      400,
      "already_a_member_in_organization",
      "already a member",
      `User ${userId} is already a member of the organization.`,
    ),
  userBanned: () =>
    failure(
      403,
      "user_banned",
      "User banned",
      "You have been banned. If you think this was by mistake, please contact support.",
    ),
  bodyInvalid: () =>
    failure(
      400,
      "request_body_invalid",
      "Request body invalid",
      "The request body is invalid. Please consult the API documentation for more information.",
    ),
  contentTypeUnsupported: (actual: string) =>
    failure(
      415,
      "unsupported_content_type",
      "Content-Type is unsupported",
      `Content-Type ${actual} is unsupported. You should use application/json instead.`,
    ),
  identifierExists: (parameter: string, label: string) =>
    failure(
      422,
      "form_identifier_exists",
      `That ${label} is taken. Please try another.`,
      undefined,
      parameter,
    ),
  parameterUnknown: (parameter: string) =>
    failure(
      422,
      "form_param_unknown",
      "is unknown",
      `${parameter} is not a valid parameter for this request.`,
      parameter,
    ),
  parameterMissing: (parameter: string) =>
    failure(
      422,
      "form_param_missing",
      "is missing",
      `${parameter} must be included.`,
      parameter,
    ),
  parameterTypeInvalid: (parameter: string, type: string) =>
    failure(
      422,
      "form_param_type_invalid",
      "is invalid",
      `\`${parameter}\` must be a \`${type}\`.`,
      parameter,
    ),
  parameterFormatInvalid: (parameter: string, longMessage: string) =>
    failure(422, "form_param_format_invalid", "is invalid", longMessage, parameter),
  parameterValueInvalid: (parameter: string, longMessage: string) =>
    failure(422, "form_param_value_invalid", "is invalid", longMessage, parameter),
  parameterValueTooLarge: (parameter: string, maximum: number) =>
    failure(
      422,
      "form_param_value_too_large",
      "Value too large",
      `The value of ${parameter} can't be greater than ${maximum}`,
      parameter,
    ),
  parameterTimeInvalid: (parameter: string) =>
    failure(
      422,
      "form_param_invalid_time",
      "invalid format",
      `${parameter} must contain a datetime specified in RFC3339 format (e.g. \`2022-10-20T10:00:27.645Z\`).`,
      parameter,
    ),
  parameterNotAllowedWith: (parameter: string, other: string) =>
    failure(
      422,
      "form_conditional_param_disallowed",
      "is not allowed",
      `\`${parameter}\` isn't allowed when \`${other}\` is present.`,
      parameter,
    ),
  parameterTooMany: (parameter: string, maximum: number) =>
    failure(
      422,
      "form_param_array_size_exceeded",
      "exceeds maximum size",
      `${parameter} should not exceed ${maximum} items.`,
      parameter,
    ),
  resourceMissing: (parameter: string) =>
    failure(
      422,
      "form_resource_not_found",
      "is missing",
      `The resource associated with the supplied ${parameter} was not found.`,
      parameter,
    ),
  passwordTooShort: (parameter: string) =>
    failure(
      422,
      "form_password_length_too_short",
      "Passwords must be 8 characters or more.",
      undefined,
      parameter,
    ),
  usernameInvalid: (parameter: string) =>
    failure(
      422,
      "form_username_invalid_character",
      "Username can only contain letters, numbers and '_' or '-'.",
      undefined,
      parameter,
    ),
};
