import { Hono } from "hono";
import { cors } from "hono/cors";
import { isLoopback } from "../../loopback_host.ts";
import { createBrowsers } from "./browser.ts";
import type { FrontendDependencies } from "./dependencies.ts";
import { environment } from "./environment.ts";
import { refuseForeignPages } from "./guard.ts";
import { createSessionRoutes } from "./session_routes.ts";
import { createSignInRoutes } from "./sign_in_routes.ts";
import { createSignUpRoutes } from "./sign_up_routes.ts";
import { createClientStore } from "./store.ts";
import { createUserRoutes } from "./user_routes.ts";
import { createFrontendView, type FrontendViewDependencies } from "./view.ts";

/** Clerk's Frontend API, as far as its browser packages need it to sign up, sign in and switch. */
export function createFrontend(context: FrontendViewDependencies): Hono {
  const dependencies: FrontendDependencies = {
    ...context,
    browsers: createBrowsers(context, createClientStore(context.storage)),
    view: createFrontendView(context),
  };
  const routes = new Hono();
  routes.use(cors({
    origin: (origin) => isLoopback(origin) ? origin : null,
    credentials: true,
    allowMethods: ["GET", "POST"],
  }));
  routes.use(refuseForeignPages());
  // Asked for with a development instance's key. The double knows a browser by its cookie alone.
  routes.post("/dev_browser", () => Response.json({ id: crypto.randomUUID() }));
  routes.on(["GET", "POST"], "/environment", () => Response.json(environment));
  for (
    const create of [createSessionRoutes, createSignInRoutes, createSignUpRoutes, createUserRoutes]
  ) {
    routes.route("/", create(dependencies));
  }
  return routes;
}
