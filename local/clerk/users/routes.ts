import { Hono } from "hono";
import type { Context } from "../context.ts";
import { answer, queryOf, refuse } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { succeed } from "../http/errors.ts";
import { requesterOf } from "../http/requester.ts";
import { newUser, userMetadata, userPatch } from "./bodies.ts";
import { patchedUser, withMetadata } from "./changes.ts";
import type { DictatedUserStore } from "./dictated.ts";
import type { UserDocument } from "./document.ts";
import type { UserListing } from "./listing.ts";
import type { UserService } from "./service.ts";
import { renderDeletedUser, renderUser } from "./view.ts";

export interface UserRoutesDependencies extends Context {
  readonly userService: UserService;
  readonly userListing: UserListing;
  readonly dictatedUserStore: DictatedUserStore;
}

/** `/v1/users`, without the memberships. */
export function createUserRoutes(dependencies: UserRoutesDependencies): Hono {
  const { userService, userListing, dictatedUserStore, instanceId } = dependencies;
  const render = (user: UserDocument) => renderUser(user, instanceId);
  const routes = new Hono();

  routes.get(
    "/users",
    (context) => answer(userListing.list(queryOf(context)), (users) => users.map(render)),
  );
  routes.get("/users/count", (context) =>
    answer(userListing.count(queryOf(context)), (total) => ({
      object: "total_count",
      total_count: total,
    })));
  routes.post("/users", async (context) => {
    const body = await readBody(context, newUser);
    if (!body.ok) return refuse(body);
    return answer(userService.create(body.value, requesterOf(context)), render);
  });

  routes.get("/users/:user_id", (context) => {
    const id = context.req.param("user_id");
    const dictated = dictatedUserStore.find(id);
    return dictated ? Response.json(dictated) : answer(userService.get(id), render);
  });
  routes.patch("/users/:user_id", async (context) => {
    const body = await readBody(context, userPatch);
    if (!body.ok) return refuse(body);
    const changed = userService.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user, at) => patchedUser(user, body.value, at),
    );
    return answer(changed, render);
  });
  routes.delete("/users/:user_id", (context) => {
    const deleted = userService.delete(context.req.param("user_id"), requesterOf(context));
    return answer(deleted, renderDeletedUser);
  });

  routes.patch("/users/:user_id/metadata", async (context) => {
    const body = await readBody(context, userMetadata);
    if (!body.ok) return refuse(body);
    const changed = userService.change(
      context.req.param("user_id"),
      requesterOf(context),
      (user) => succeed(withMetadata(user, body.value)),
    );
    return answer(changed, render);
  });

  routes.post(
    "/users/:user_id/ban",
    (context) =>
      answer(userService.ban(context.req.param("user_id"), requesterOf(context)), render),
  );
  for (
    const [action, change] of [
      ["unban", { banned: false }],
      ["lock", { locked: true }],
      ["unlock", { locked: false }],
    ] as const
  ) {
    routes.post(`/users/:user_id/${action}`, (context) => {
      const changed = userService.change(
        context.req.param("user_id"),
        requesterOf(context),
        (user) => succeed({ ...user, ...change }),
      );
      return answer(changed, render);
    });
  }
  return routes;
}
