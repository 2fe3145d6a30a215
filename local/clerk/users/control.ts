import { Hono } from "hono";
import type { Context } from "../context.ts";
import { readJson } from "../control/json.ts";
import { dictatedUser, type DictatedUserStore } from "./dictated.ts";
import type { UserStore } from "./store.ts";

export interface UserControlDependencies extends Context {
  readonly userStore: UserStore;
  readonly dictatedUserStore: DictatedUserStore;
}

/** `/double/users`: dictates what the Backend API says of a user, whatever else happens to the user. */
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
  return control;
}
