import { type Context, Hono } from "hono";
import { answer, refuse } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { requesterOf } from "../http/requester.ts";
import { emailAddressPatch, newEmailAddress } from "./bodies.ts";
import type { Identification, UserDocument } from "./document.ts";
import {
  withChangedEmailAddress,
  withEmailAddress,
  withoutEmailAddress,
} from "./email_addresses.ts";
import type { UserService } from "./service.ts";
import type { UserStore } from "./store.ts";
import { renderDeletedEmailAddress, renderEmailAddress } from "./view.ts";

export interface EmailAddressRoutesDependencies {
  readonly userService: UserService;
  readonly userStore: UserStore;
}

interface Owned {
  readonly user: UserDocument;
  readonly email: Identification;
}

/** `/v1/email_addresses`. Each change is one of the user's. */
export function createEmailAddressRoutes(dependencies: EmailAddressRoutesDependencies): Hono {
  const { userService, userStore } = dependencies;
  const routes = new Hono();

  function find(id: string): Result<Owned> {
    const user = userStore.findByEmailAddressId(id);
    const email = user?.email_addresses.find((one) => one.id === id);
    return user && email ? succeed({ user, email }) : clerkErrors.identificationNotFound(id);
  }

  /** Changes the user of the address that the request is about. The address is as it was before. */
  function change(
    context: Context,
    to: (owned: Owned, at: number) => Result<UserDocument>,
  ): Result<Identification> {
    const found = find(context.req.param("email_address_id") ?? "");
    if (!found.ok) return found;
    const { user, email } = found.value;
    const changed = userService.change(
      user.id,
      requesterOf(context),
      (user, at) => to({ user, email }, at),
    );
    return changed.ok ? succeed(email) : changed;
  }

  routes.post("/email_addresses", async (context) => {
    const body = await readBody(context, newEmailAddress);
    if (!body.ok) return refuse(body);
    const changed = userService.change(
      body.value.user_id,
      requesterOf(context),
      (user, at) => withEmailAddress(user, body.value, at),
    );
    return answer(changed, ({ email_addresses: emails }) => {
      const added = emails.at(-1);
      return added && renderEmailAddress(added);
    });
  });
  routes.get("/email_addresses/:email_address_id", (context) => {
    const found = find(context.req.param("email_address_id"));
    return answer(found, ({ email }) => renderEmailAddress(email));
  });
  routes.patch("/email_addresses/:email_address_id", async (context) => {
    const body = await readBody(context, emailAddressPatch);
    if (!body.ok) return refuse(body);
    const changed = change(
      context,
      ({ user, email }, at) => withChangedEmailAddress(user, email, body.value, at),
    );
    if (!changed.ok) return refuse(changed);
    return answer(find(changed.value.id), ({ email }) => renderEmailAddress(email));
  });
  routes.delete("/email_addresses/:email_address_id", (context) => {
    const changed = change(context, ({ user, email }) => withoutEmailAddress(user, email.id));
    return answer(changed, ({ id }) => renderDeletedEmailAddress(id));
  });
  return routes;
}
