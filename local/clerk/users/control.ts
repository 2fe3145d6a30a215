import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../context.ts";
import { readJson } from "../control/json.ts";
import { bulkUser, chances } from "./bulk.ts";
import { dictatedUser, type DictatedUserStore } from "./dictated.ts";
import type { UserStore } from "./store.ts";

export interface UserControlDependencies extends Context {
  readonly userStore: UserStore;
  readonly dictatedUserStore: DictatedUserStore;
}

const mostAtOnce = 20_000;

const bulk = z.strictObject({
  users: z.int().min(1).max(mostAtOnce),
  seed: z.int().min(0),
  created_from: z.int().min(0),
  created_to: z.int().min(1),
});

/** `/double/users`: makes many users without events, and dictates what the Backend API says of a user, whatever else happens to the user. */
export function createUserControl(dependencies: UserControlDependencies): Hono {
  const { storage, userStore, dictatedUserStore } = dependencies;
  const control = new Hono();
  control.put("/users/:id", async (context) => {
    const id = context.req.param("id");
    const user = await readJson(context, dictatedUser.nullable());
    storage.transaction(() => {
      if (user) return dictatedUserStore.put(id, user);
      dictatedUserStore.delete(id);
      userStore.delete(id);
    });
    return Response.json({ id });
  });
  control.delete("/everything", () => {
    storage.transaction(() => {
      for (
        const table of ["memberships", "organizations", "dictated_users", "identifiers", "users"]
      ) {
        storage.run(`delete from ${table}`);
      }
    });
    return Response.json({});
  });
  control.post("/users/bulk", async (context) => {
    const { users, seed, created_from: from, created_to: to } = await readJson(context, bulk);
    const next = chances(seed);
    return storage.transaction(() => {
      const ids = Array.from({ length: users }, () => {
        const user = bulkUser(from + Math.floor(next() * (to - from)), next);
        userStore.insert(user);
        return user.id;
      });
      return Response.json({ first: ids[0], last: ids.at(-1), users: ids.length });
    });
  });
  return control;
}
