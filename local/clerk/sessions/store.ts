import type { Row, Storage } from "../storage/database.ts";
import { type SessionDocument, sessionDocument } from "./document.ts";

export interface SessionFilter {
  readonly userId: string;
  readonly status: SessionDocument["status"] | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Reads and writes sessions. Write only within a transaction. `at` is milliseconds since the epoch. */
export interface SessionStore {
  find(id: string): SessionDocument | undefined;
  /** Newest first. */
  list(filter: SessionFilter): SessionDocument[];
  /** A browser's active and pending sessions, oldest first. */
  ofClient(clientId: string): SessionDocument[];
  insert(session: SessionDocument): void;
  /** Changes a session, and returns it. */
  touch(session: SessionDocument, change: Partial<SessionDocument>): SessionDocument;
  /** Sets the status of the user's active and pending sessions, and returns these. */
  endAll(userId: string, status: SessionDocument["status"], at: number): SessionDocument[];
  /** Sets the status of one session. */
  end(id: string, status: SessionDocument["status"], at: number): void;
  /** Clears the organization from the user's sessions that are active in it. */
  leaveOrganization(userId: string, organizationId: string, at: number): void;
}

/** Keeps sessions in the table `sessions`. */
export function createSessionStore(storage: Storage): SessionStore {
  function touch(before: SessionDocument, change: Partial<SessionDocument>): SessionDocument {
    const session = { ...before, ...change };
    const document = JSON.stringify(session);
    storage.run("update sessions set document = ? where id = ?", document, session.id);
    return session;
  }

  function update(rows: readonly Row[], change: Partial<SessionDocument>): SessionDocument[] {
    return rows.map((row) => touch(parseSession(row), change));
  }

  return {
    touch,
    find(id) {
      const row = storage.get("select document from sessions where id = ?", id);
      return row && parseSession(row);
    },
    list({ userId, status = null, limit, offset }) {
      const rows = storage.all(
        `select document from sessions where user_id = ? and (? is null or status = ?)
         order by document ->> 'created_at' desc, id desc limit ? offset ?`,
        userId,
        status,
        status,
        limit,
        offset,
      );
      return rows.map(parseSession);
    },
    ofClient(clientId) {
      return storage.all(
        `select document from sessions
         where document ->> 'client_id' = ? and status in ('active', 'pending')
         order by document ->> 'created_at', id`,
        clientId,
      ).map(parseSession);
    },
    insert(session) {
      const document = JSON.stringify(session);
      storage.run("insert into sessions (id, document) values (?, ?)", session.id, document);
    },
    endAll(userId, status, at) {
      const rows = storage.all(
        "select document from sessions where user_id = ? and status in ('active', 'pending')",
        userId,
      );
      return update(rows, { status, updated_at: at });
    },
    end(id, status, at) {
      const rows = storage.all("select document from sessions where id = ?", id);
      update(rows, { status, updated_at: at });
    },
    leaveOrganization(userId, organizationId, at) {
      const rows = storage.all(
        `select document from sessions
         where user_id = ? and document ->> 'last_active_organization_id' = ?`,
        userId,
        organizationId,
      );
      update(rows, { last_active_organization_id: null, updated_at: at });
    },
  };
}

function parseSession({ document }: Row): SessionDocument {
  return sessionDocument.parse(JSON.parse(String(document)));
}
