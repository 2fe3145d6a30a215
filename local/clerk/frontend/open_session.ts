import type { Context } from "hono";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import type { SessionDocument } from "../sessions/document.ts";
import type { FrontendDependencies } from "./dependencies.ts";

/** The session with this id, if it is open in the browser that sends the request. */
export function openSession(
  { browsers, sessions }: FrontendDependencies,
  context: Context,
  id: string | undefined,
): Result<SessionDocument> {
  const client = browsers.known(context)?.client;
  const open = client ? sessions.store.ofClient(client.id) : [];
  const session = open.find((session) => session.id === id);
  return session ? succeed(session) : clerkErrors.signedOut();
}
