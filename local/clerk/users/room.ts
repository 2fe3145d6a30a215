import { Hono } from "hono";
import type { Context } from "../context.ts";
import type { Emit } from "../svix/events.ts";
import { createUserControl } from "./control.ts";
import { createDictatedUserStore } from "./dictated.ts";
import { createEmailAddressRoutes } from "./email_address_routes.ts";
import { createUserListing } from "./listing.ts";
import { createUserRoutes } from "./routes.ts";
import { createUserService, type UserService } from "./service.ts";
import { createUserStore, type UserStore } from "./store.ts";

export interface UsersContext extends Context {
  readonly emit: Emit;
}

export interface Users {
  readonly store: UserStore;
  readonly service: UserService;
  readonly routes: Hono;
  readonly control: Hono;
}

export function createUsers(context: UsersContext): Users {
  const userStore = createUserStore(context.storage);
  const dictatedUserStore = createDictatedUserStore(context.storage);
  const userListing = createUserListing(context.storage);
  const userService = createUserService({ ...context, userStore });
  const dependencies = { ...context, userService, userStore, userListing, dictatedUserStore };
  const routes = new Hono();
  routes.route("/", createUserRoutes(dependencies));
  routes.route("/", createEmailAddressRoutes(dependencies));
  return {
    store: userStore,
    service: userService,
    routes,
    control: createUserControl(dependencies),
  };
}
