import type { ClerkClient } from "@clerk/backend";
import { askDouble } from "../clerk/control/client.ts";
import type { Part } from "../supervisor/part.ts";
import type { StackValues } from "../values.ts";
import type { DoubleAction, StackAction } from "./action.ts";
import type { Burst } from "./burst.ts";
import { changeOrganization } from "./change_organization.ts";
import { changeUser } from "./change_user.ts";
import { runSync } from "./runs.ts";
import type { ActionAnswer } from "./snapshot.ts";

/** Clerk's double, and what plays with it. */
export interface Double {
  readonly part: Part;
  readonly clerk: ClerkClient;
  readonly burst: Burst;
}

export interface ActionsDependencies {
  readonly values: StackValues;
  readonly postgres: Part;
  readonly postgrest: Part;
  /** Undefined if the developer's own instance is used. */
  readonly double: Double | undefined;
  /** Compares now, whether or not anything has changed. */
  readonly compare: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Does what the page asks for.
 *
 * @throws Error of the Clerk client, or of a part that does not come up
 */
export function createActions(dependencies: ActionsDependencies) {
  const { values, postgres, postgrest, double, compare, signal } = dependencies;

  async function perform(action: StackAction): Promise<ActionAnswer> {
    switch (action.action) {
      case "run":
        return { message: await runSync(action.kind, values, double !== undefined, signal) };
      case "compare":
        await compare();
        return { message: "Compared" };
      case "database":
        if (!action.up) {
          await postgres.takeDown();
          return { message: "The database is down" };
        }
        await postgres.restart();
        // It would notice by itself, but only after half a minute.
        await postgrest.restart();
        return { message: "The database is back" };
    }
  }

  async function ask(method: string, path: string, body?: unknown): Promise<void> {
    const response = await askDouble(values, method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
  }

  async function performOnDouble(
    action: DoubleAction,
    { part, clerk, burst }: Double,
  ): Promise<ActionAnswer> {
    const { users, organizations, sessions } = clerk;
    switch (action.action) {
      case "create_user": {
        const { first_name: firstName, last_name: lastName, emails: emailAddress } = action;
        await users.createUser({ firstName, lastName, emailAddress });
        return { message: "User created" };
      }
      case "change_user":
        await changeUser(clerk, action);
        return { message: "User changed" };
      case "ban_user":
        await (action.banned ? users.banUser(action.id) : users.unbanUser(action.id));
        return { message: action.banned ? "User banned" : "User no longer banned" };
      case "delete_user":
        await users.deleteUser(action.id);
        return { message: "User deleted" };
      case "create_organization": {
        const { name, created_by: createdBy } = action;
        await organizations.createOrganization({ name, ...(createdBy ? { createdBy } : {}) });
        return { message: "Organization created" };
      }
      case "change_organization":
        await changeOrganization(clerk, action);
        return { message: "Organization changed" };
      case "delete_organization":
        await organizations.deleteOrganization(action.id);
        return { message: "Organization deleted" };
      case "burst":
        burst.start(action.users);
        return { message: `${action.users} users are on their way` };
      case "hold":
        await ask("PUT", "endpoint", { paused: true });
        return { message: "Deliveries are held" };
      case "release":
        await ask("POST", "release", { newest_first: action.newest_first });
        return { message: "Deliveries are released" };
      case "forge": {
        const random = crypto.getRandomValues(new Uint8Array(24)).toBase64();
        const secret = action.on ? `whsec_${random}` : values.CLERK_WEBHOOK_SECRET;
        await ask("PUT", "endpoint", { secrets: [secret] });
        return { message: action.on ? "Signatures are wrong now" : "Signatures are right again" };
      }
      case "lose":
        await ask("PUT", "endpoint", { event_types: action.on ? [] : null });
        return { message: action.on ? "Events are lost now" : "Events are delivered again" };
      case "resend":
        await ask("POST", `messages/${action.id}/resend`);
        return { message: "The delivery is repeated" };
      case "deliver_now":
        await ask("POST", "deliver-now");
        return { message: "Everything that waits is delivered now" };
      case "clerk":
        await (action.up ? part.restart() : part.takeDown());
        return { message: action.up ? "Clerk is back" : "Clerk is down" };
      case "token": {
        const session = await sessions.createSession({ userId: action.user_id });
        const { jwt } = await sessions.getToken(session.id);
        return { message: "New token", token: jwt };
      }
    }
  }

  return async (action: StackAction | DoubleAction): Promise<ActionAnswer> => {
    if (action.action === "run" || action.action === "compare" || action.action === "database") {
      return await perform(action);
    }
    if (double === undefined) throw new Error("Only the double can do this");
    return await performOnDouble(action, double);
  };
}
