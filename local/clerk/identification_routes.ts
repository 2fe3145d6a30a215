import { Hono } from "hono";
import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { answer, answerFailure, requesterOf } from "./http.ts";
import { readBody } from "./request_body.ts";
import {
  createEmailAddressBody,
  replaceEmailAddressBody,
  replacePhoneNumberBody,
  type UpdateEmailAddressBody,
  updateEmailAddressBody,
} from "./user_bodies.ts";
import { newIdentification } from "./user_changes.ts";
import type { Identification, UserDocument } from "./user_document.ts";
import { renderEmailAddress, renderPhoneNumber } from "./user_json.ts";
import type { UserStore } from "./user_store.ts";
import type { Users } from "./users.ts";

/** `PUT /v1/users/{user_id}/email_address` and `/phone_number`: one for all there were. */
export function createReplacementRoutes(users: Users): Hono {
  const routes = new Hono();
  routes.put("/:user_id/email_address", async (context) => {
    const body = await readBody(context.req.raw, replaceEmailAddressBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { email_address: value, identification_status: status } = body.value;
    const changed = users.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user, at) => {
        const email = newIdentification(value, status, at);
        return done({ ...user, email_addresses: [email], primary_email_address_id: email.id });
      },
    );
    return answer(context, firstOf(changed, "email_addresses"), renderEmailAddress);
  });
  routes.put("/:user_id/phone_number", async (context) => {
    const body = await readBody(context.req.raw, replacePhoneNumberBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { phone_number: value, identification_status: status } = body.value;
    const changed = users.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user, at) => {
        const phone = newIdentification(value, status, at);
        return done({ ...user, phone_numbers: [phone], primary_phone_number_id: phone.id });
      },
    );
    return answer(context, firstOf(changed, "phone_numbers"), renderPhoneNumber);
  });
  return routes;
}

/** `/v1/email_addresses`: one address at a time. */
export function createEmailAddressRoutes(deps: { users: Users; store: UserStore }): Hono {
  const { users, store } = deps;
  const routes = new Hono();
  routes.post("/", async (context) => {
    const body = await readBody(context.req.raw, createEmailAddressBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { user_id: userId, email_address: value, verified, primary } = body.value;
    const changed = users.change(userId, requesterOf(context), (user, at) => {
      const email = newIdentification(value, verified ? "verified" : "unverified", at);
      const isPrimary = primary || user.email_addresses.length === 0;
      return done({
        ...user,
        email_addresses: [...user.email_addresses, email],
        primary_email_address_id: isPrimary ? email.id : user.primary_email_address_id,
      });
    });
    return answer(context, lastOf(changed), renderEmailAddress);
  });
  routes.get("/:email_address_id", (context) => {
    const id = context.req.param("email_address_id");
    return answer(context, findEmail(store, id), ({ email }) => renderEmailAddress(email));
  });
  routes.patch("/:email_address_id", async (context) => {
    const body = await readBody(context.req.raw, updateEmailAddressBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const id = context.req.param("email_address_id");
    const found = findEmail(store, id);
    if (!found.ok) return answerFailure(context, found.failure);
    const changed = users.change(
      found.value.user.id,
      requesterOf(context),
      (user, at) => done(withEmailChanged(user, id, body.value, at)),
    );
    if (!changed.ok) return answerFailure(context, changed.failure);
    return answer(context, findEmail(store, id), ({ email }) => renderEmailAddress(email));
  });
  routes.delete("/:email_address_id", (context) => {
    const id = context.req.param("email_address_id");
    const found = findEmail(store, id);
    if (!found.ok) return answerFailure(context, found.failure);
    const changed = users.change(
      found.value.user.id,
      requesterOf(context),
      (user) => done(withoutEmail(user, id)),
    );
    return answer(context, changed, () => ({ object: "email_address", id, deleted: true }));
  });
  return routes;
}

function findEmail(
  store: UserStore,
  id: string,
): Outcome<{ user: UserDocument; email: Identification }> {
  const user = store.findByIdentification(id);
  const email = user?.email_addresses.find((candidate) => candidate.id === id);
  if (user === undefined || email === undefined) {
    return refused(clerkErrors.identificationNotFound());
  }
  return done({ user, email });
}

function withEmailChanged(
  user: UserDocument,
  id: string,
  { verified, primary }: UpdateEmailAddressBody,
  at: number,
): UserDocument {
  const emails = user.email_addresses.map((email): Identification => {
    if (email.id !== id || typeof verified !== "boolean") return email;
    return { ...email, status: verified ? "verified" : "unverified", updated_at: at };
  });
  const primaryId = primary ? id : user.primary_email_address_id;
  return { ...user, email_addresses: emails, primary_email_address_id: primaryId };
}

/** Without its primary address, a user's next verified one becomes primary. */
function withoutEmail(user: UserDocument, id: string): UserDocument {
  const emails = user.email_addresses.filter((email) => email.id !== id);
  const next = emails.find(({ status }) => status === "verified")?.id ?? null;
  const primaryId = user.primary_email_address_id === id ? next : user.primary_email_address_id;
  return { ...user, email_addresses: emails, primary_email_address_id: primaryId };
}

function firstOf(
  changed: Outcome<UserDocument>,
  list: "email_addresses" | "phone_numbers",
): Outcome<Identification> {
  if (!changed.ok) return changed;
  const first = changed.value[list].at(0);
  return first === undefined ? refused(clerkErrors.identificationNotFound()) : done(first);
}

function lastOf(changed: Outcome<UserDocument>): Outcome<Identification> {
  if (!changed.ok) return changed;
  const last = changed.value.email_addresses.at(-1);
  return last === undefined ? refused(clerkErrors.identificationNotFound()) : done(last);
}
