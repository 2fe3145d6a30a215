import type { SQLInputValue } from "node:sqlite";
import { z } from "zod";
import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { readPage } from "./listing.ts";
import { parseSession, type SessionDocument, sessionStatus } from "./session_store.ts";
import type { Storage } from "./storage.ts";

/** Lists sessions as a query asks for, newest first. */
export interface SessionListing {
  list(query: URLSearchParams): Outcome<{ sessions: SessionDocument[]; total: number }>;
}

/** Lists sessions in SQL. */
export function createSessionListing(storage: Storage): SessionListing {
  return {
    list(query) {
      const page = readPage(query);
      if (!page.ok) return page;
      const status = query.get("status");
      if (status !== null && !sessionStatus.safeParse(status).success) {
        return refused(clerkErrors.parameterValueInvalid(
          "status",
          `${status} does not match one of the allowed values for parameter status`,
        ));
      }
      const conditions = ["true"];
      const values: SQLInputValue[] = [];
      for (const column of ["user_id", "client_id", "status"]) {
        const value = query.get(column);
        if (value === null) continue;
        conditions.push(`${column} = ?`);
        values.push(value);
      }
      const matching = `from sessions where ${conditions.join(" and ")}`;
      const rows = storage.all(
        `select document ${matching} order by created_at desc, id desc limit ? offset ?`,
        ...values,
        page.value.limit,
        page.value.offset,
      );
      const counted = storage.get(`select count(*) as total ${matching}`, ...values);
      return done({
        sessions: rows.map(({ document }) => parseSession(document)),
        total: z.object({ total: z.int() }).parse(counted).total,
      });
    },
  };
}
