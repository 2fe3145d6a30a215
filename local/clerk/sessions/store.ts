import { z } from "zod";
import type { Storage } from "../storage/database.ts";

/** The states that a session can be in. */
export const sessionStatus = z.enum([
  "active",
  "pending",
  "ended",
  "revoked",
  "removed",
  "expired",
  "abandoned",
  "replaced",
]);

const sessionDocument = z.object({
  id: z.string(),
  user_id: z.string(),
  client_id: z.string(),
  status: sessionStatus,
  /** The origin that its tokens name as `azp`; null where the session has none. */
  origin: z.string().nullable(),
  user_agent: z.string(),
  /** Absent in what an older double has stored. */
  last_active_organization_id: z.string().nullable().default(null),
  last_active_at: z.int(),
  expire_at: z.int(),
  abandon_at: z.int(),
  created_at: z.int(),
  updated_at: z.int(),
});

/** A session as the double stores it. Times are milliseconds. */
export type SessionDocument = z.infer<typeof sessionDocument>;

/** Reads and writes sessions. Writes belong inside a transaction. */
export interface SessionStore {
  find(id: string): SessionDocument | undefined;
  insert(session: SessionDocument): void;
  update(session: SessionDocument): void;
  /** The user's sessions that still count, set to `status`. */
  endAll(userId: string, status: SessionDocument["status"], at: number): SessionDocument[];
  /** Clears the organization from the sessions of the user that are active in it. */
  leaveOrganization(userId: string, organizationId: string, at: number): void;
}

/** Reads one session of the database. */
export function parseSession(document: unknown): SessionDocument {
  return sessionDocument.parse(JSON.parse(String(document)));
}

/** Keeps sessions in the table of that name. */
export function createSessionStore(storage: Storage): SessionStore {
  const update = (session: SessionDocument) => {
    storage.run(
      "update sessions set document = ? where id = ?",
      JSON.stringify(session),
      session.id,
    );
  };
  return {
    find(id) {
      const row = storage.get("select document from sessions where id = ?", id);
      return row === undefined ? undefined : parseSession(row.document);
    },
    insert(session) {
      storage.run(
        "insert into sessions (id, document) values (?, ?)",
        session.id,
        JSON.stringify(session),
      );
    },
    update,
    endAll(userId, status, at) {
      const rows = storage.all(
        "select document from sessions where user_id = ? and status in ('active', 'pending')",
        userId,
      );
      return rows.map(({ document }) => {
        const session = { ...parseSession(document), status, "updated_at": at };
        update(session);
        return session;
      });
    },
    leaveOrganization(userId, organizationId, at) {
      const rows = storage.all(
        `select document from sessions
         where user_id = ? and document ->> 'last_active_organization_id' = ?`,
        userId,
        organizationId,
      );
      for (const { document } of rows) {
        const session = parseSession(document);
        update({ ...session, "last_active_organization_id": null, "updated_at": at });
      }
    },
  };
}

/** A session as the Backend API and the session events show it. */
export function renderSession(session: SessionDocument): Record<string, unknown> {
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
