/** The instance's settings, as far as Clerk's browser packages ask for them. */
export const environment = {
  object: "environment",
  auth_config: { object: "auth_config", single_session_mode: false },
  organization_settings: { enabled: true },
  user_settings: { actions: {} },
};
