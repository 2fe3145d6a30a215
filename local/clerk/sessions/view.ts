import type { SessionDocument } from "./document.ts";

/** A session as the Backend API and the session events show it. */
export function renderSession(session: SessionDocument): Readonly<Record<string, unknown>> {
  const { origin: _origin, user_agent: userAgent, ...rest } = session;
  const tasks = session.status === "pending" ? { tasks: [{ key: "choose-organization" }] } : {};
  return {
    ...rest,
    object: "session",
    actor: null,
    latest_activity: {
      object: "session_activity",
      id: session.id.replace(/^sess_/, "sess_activity_"),
      device_type: "desktop",
      is_mobile: false,
      browser_name: userAgent,
    },
    ...tasks,
  };
}
