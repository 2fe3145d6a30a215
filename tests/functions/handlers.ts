import type { ProveAbsence } from "../../supabase/functions/_shared/clerk/absence.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import type { ReadClerkUser } from "../../supabase/functions/_shared/clerk/users.ts";
import type {
  Applied,
  DatabaseClient,
  FoundUser,
} from "../../supabase/functions/_shared/database/client.ts";
import {
  type CallForOne,
  createGroupedCall,
} from "../../supabase/functions/_shared/database/grouped_calls.ts";
import type { FactItem } from "../../supabase/functions/_shared/facts/fact.ts";
import { type Result, succeed } from "../../supabase/functions/_shared/failure.ts";
import type { Handler } from "../../supabase/functions/_shared/http/endpoint.ts";
import type { Log } from "../../supabase/functions/_shared/http/log.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { createClerkWebhook } from "../../supabase/functions/clerk-webhook/handler.ts";
import { createUsersMe } from "../../supabase/functions/users-me/handler.ts";
import { createUsersSync } from "../../supabase/functions/users-sync/handler.ts";
import type { TakeRead } from "../../supabase/functions/users-sync/read_limit.ts";
import { createUserReader } from "../../supabase/functions/users-sync/read_user.ts";
import { verifySession } from "../support/clerk/instance.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import { createLogRecorder, type LogEntry } from "./log_recorder.ts";
import { foundUser, userRow } from "./user_rows.ts";

export interface Handlers {
  readonly usersSync: Handler;
  readonly usersMe: Handler;
  readonly clerkWebhook: Handler;
  /** The log's entries. */
  readonly entries: readonly LogEntry[];
  /** Every batch passed to the database. */
  readonly written: (readonly FactItem[])[];
}

export interface Ports {
  readonly applyFacts?: DatabaseClient["applyFacts"];
  readonly findUser?: CallForOne<string, FoundUser | null>;
  readonly readClerkUser?: ReadClerkUser;
  readonly proveAbsence?: ProveAbsence;
  readonly takeRead?: TakeRead;
  readonly instanceId?: string;
  readonly log?: Log;
}

/** The three functions. Ports that are not given succeed. */
export function createHandlers(ports: Ports = {}): Handlers {
  const recorder = createLogRecorder();
  const log = ports.log ?? recorder.log;
  const written: (readonly FactItem[])[] = [];
  const applyFacts = ports.applyFacts ?? becoming({ outcome: "created", user: userRow() });
  const database: Pick<DatabaseClient, "applyFacts"> = {
    applyFacts(items, options) {
      written.push(items);
      return applyFacts(items, options);
    },
  };
  const findUser = ports.findUser ?? (() => Promise.resolve(succeed(foundUser())));
  const readClerkUser = ports.readClerkUser ??
    ((userId) => Promise.resolve(succeed(clerkUser.parse(clerkUserJson({ id: userId })))));
  const readUser = createUserReader({
    readClerkUser,
    proveAbsence: ports.proveAbsence ?? proving,
    takeRead: ports.takeRead ?? (() => 0),
  });
  return {
    usersSync: createUsersSync({
      verifySession,
      readUser,
      writeFact: createGroupedCall({
        call: (items) => database.applyFacts(items, { returnUsers: true }),
      }),
      log,
    }),
    usersMe: createUsersMe({ verifySession, findUser, log }),
    clerkWebhook: createClerkWebhook({
      verifySignature: createSignatureVerifier([signingSecret]),
      instanceId: ports.instanceId,
      writeFact: createGroupedCall({
        call: (items) => database.applyFacts(items, { returnUsers: false }),
      }),
      log,
    }),
    entries: recorder.entries,
    written,
  };
}

/** Proves every user absent. */
const proving: ProveAbsence = (userIds) => Promise.resolve(succeed(new Set(userIds)));

/** A write of one item with this outcome. */
export function becoming(applied: Partial<Applied>): DatabaseClient["applyFacts"] {
  const item: Applied = {
    outcome: "updated",
    reason: null,
    user: null,
    active: applied.user ? true : null,
    ...applied,
  };
  return () => Promise.resolve(succeed([item]));
}

/** A port that returns this failure. */
export function failing(failure: Result<never>): () => Promise<Result<never>> {
  return () => Promise.resolve(failure);
}
