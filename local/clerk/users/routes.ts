import { Hono } from "hono";
import { done } from "../http/errors.ts";
import { answer, answerFailure, queryOf, requesterOf } from "../http/answer.ts";
import type { RawUsers } from "./dictated.ts";
import { readBody } from "../http/body.ts";
import { createUserBody, metadataBody, updateUserBody } from "./bodies.ts";
import { patchedUser, withMergedMetadata } from "./changes.ts";
import type { UserDocument } from "./document.ts";
import { renderUser } from "./view.ts";
import type { UserListing } from "./listing.ts";
import { renderDeletedUser, type Users } from "./service.ts";

/** `/v1/users`. */
export function createUserRoutes(deps: {
  users: Users;
  rawUsers: RawUsers;
  listing: UserListing;
  instanceId: string;
}): Hono {
  const { users, rawUsers, listing, instanceId } = deps;
  const render = (user: UserDocument) => renderUser(user, instanceId);
  const routes = new Hono();

  routes.get(
    "/",
    (context) => answer(context, listing.list(queryOf(context)), (list) => list.map(render)),
  );
  routes.get("/count", (context) =>
    answer(context, listing.count(queryOf(context)), (total) => ({
      object: "total_count",
      total_count: total,
    })));
  routes.post("/", async (context) => {
    const body = await readBody(context.req.raw, createUserBody);
    if (!body.ok) return answerFailure(context, body.failure);
    return answer(context, users.create(body.value, requesterOf(context)), render);
  });

  routes.get("/:user_id", (context) => {
    const id = context.req.param("user_id");
    const raw = rawUsers.find(id);
    return raw ? Response.json(raw) : answer(context, users.get(id), render);
  });
  routes.patch("/:user_id", async (context) => {
    const body = await readBody(context.req.raw, updateUserBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const changed = users.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user, at) => patchedUser(user, body.value, at),
    );
    return answer(context, changed, render);
  });
  routes.delete("/:user_id", (context) => {
    const deleted = users.delete(context.req.param("user_id"), requesterOf(context));
    return answer(context, deleted, renderDeletedUser);
  });

  routes.patch("/:user_id/metadata", async (context) => {
    const body = await readBody(context.req.raw, metadataBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const changed = users.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user) => done(withMergedMetadata(user, body.value)),
    );
    return answer(context, changed, render);
  });

  routes.post(
    "/:user_id/ban",
    (context) =>
      answer(context, users.ban(context.req.param("user_id"), requesterOf(context)), render),
  );
  for (
    const { path, change } of [
      { path: "/:user_id/unban", change: { banned: false } },
      { path: "/:user_id/lock", change: { locked: true } },
      { path: "/:user_id/unlock", change: { locked: false } },
    ]
  ) {
    routes.post(path, (context) => {
      const id = context.req.param("user_id") ?? "";
      const changed = users.change(
        id,
        requesterOf(context),
        (user) => done({ ...user, ...change }),
      );
      return answer(context, changed, render);
    });
  }
  return routes;
}
