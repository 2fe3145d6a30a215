import { Hono } from "hono";
import { refuse } from "../http/answer.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { requesterOf } from "../http/requester.ts";
import { newId } from "../ids.ts";
import { attempt, newSignIn, preparation, theCode } from "./attempt_form.ts";
import { renderSignIn } from "./attempt_view.ts";
import type { Browser } from "./browser.ts";
import type { FrontendDependencies } from "./dependencies.ts";
import type { SignIn } from "./document.ts";
import { readForm } from "./form.ts";

/** `/client/sign_ins`: signs in by a code sent to an email address. */
export function createSignInRoutes(dependencies: FrontendDependencies): Hono {
  const { browsers, users, sessions, view, now } = dependencies;
  const routes = new Hono();

  /** Stores how far the sign-in is. Clerk's client shows only one that is not complete. */
  async function show(browser: Browser, signIn: SignIn, url: string): Promise<Response> {
    const isComplete = signIn.created_session_id !== null;
    const client = browser.change({
      sign_in: isComplete ? null : signIn,
      ...(isComplete ? { last_active_session_id: signIn.created_session_id } : {}),
    });
    return Response.json({
      response: renderSignIn(signIn),
      client: await view.client(client, url),
    });
  }

  /** The browser's sign-in, if it has this id. */
  function find({ client: { sign_in: signIn } }: Browser, id: string): Result<SignIn> {
    return signIn?.id === id ? succeed(signIn) : clerkErrors.signInNotFound(id);
  }

  routes.post("/client/sign_ins", async (context) => {
    const form = await readForm(context, newSignIn);
    if (!form.ok) return refuse(form);
    const user = users.store.findByEmailAddress(form.value.identifier);
    const address = user?.email_addresses.find(({ value }) =>
      value === form.value.identifier.toLowerCase()
    );
    if (!user || !address) return refuse(clerkErrors.identifierNotFound());
    const signIn: SignIn = {
      id: newId("sia", now()),
      user_id: user.id,
      email_address_id: address.id,
      email_address: address.value,
      check: form.value.strategy === undefined ? "not_sent" : "sent",
      created_session_id: null,
    };
    return await show(browsers.of(context), signIn, context.req.url);
  });

  routes.post("/client/sign_ins/:id/prepare_first_factor", async (context) => {
    const form = await readForm(context, preparation);
    if (!form.ok) return refuse(form);
    const browser = browsers.of(context);
    const signIn = find(browser, context.req.param("id"));
    if (!signIn.ok) return refuse(signIn);
    return await show(browser, { ...signIn.value, check: "sent" }, context.req.url);
  });

  routes.post("/client/sign_ins/:id/attempt_first_factor", async (context) => {
    const form = await readForm(context, attempt);
    if (!form.ok) return refuse(form);
    const browser = browsers.of(context);
    const signIn = find(browser, context.req.param("id"));
    if (!signIn.ok) return refuse(signIn);
    if (signIn.value.check !== "sent" || form.value.code !== theCode) {
      return refuse(clerkErrors.codeIncorrect());
    }
    const session = sessions.service.create({
      userId: signIn.value.user_id,
      origin: context.req.header("origin") ?? null,
      status: "active",
      organizationId: null,
      clientId: browser.client.id,
    }, requesterOf(context));
    if (!session.ok) return refuse(session);
    const complete: SignIn = {
      ...signIn.value,
      check: "verified",
      created_session_id: session.value.id,
    };
    return await show(browser, complete, context.req.url);
  });
  return routes;
}
