import { Hono } from "hono";
import { refuse } from "../http/answer.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { type Requester, requesterOf } from "../http/requester.ts";
import { newId } from "../ids.ts";
import { newUser } from "../users/bodies.ts";
import { attempt, preparation, signUpFields, theCode } from "./attempt_form.ts";
import { renderSignUp } from "./attempt_view.ts";
import type { Browser } from "./browser.ts";
import type { FrontendDependencies } from "./dependencies.ts";
import type { SignUp } from "./document.ts";
import { readForm } from "./form.ts";

/** `/client/sign_ups`: signs up with an email address that a code verifies. */
export function createSignUpRoutes(dependencies: FrontendDependencies): Hono {
  const { storage, browsers, users, sessions, view, now } = dependencies;
  const routes = new Hono();

  /** Stores how far the sign-up is. Clerk's client shows only one that is not complete. */
  async function show(browser: Browser, signUp: SignUp, url: string): Promise<Response> {
    const isComplete = signUp.created_session_id !== null;
    const client = browser.change({
      sign_up: isComplete ? null : signUp,
      ...(isComplete ? { last_active_session_id: signUp.created_session_id } : {}),
    });
    return Response.json({
      response: renderSignUp(signUp),
      client: await view.client(client, url),
    });
  }

  /** The browser's sign-up, if it has this id. */
  function find({ client: { sign_up: signUp } }: Browser, id: string): Result<SignUp> {
    return signUp?.id === id ? succeed(signUp) : clerkErrors.signUpNotFound(id);
  }

  /** Creates the user and their session, and sends their events. */
  function complete(
    signUp: SignUp,
    clientId: string,
    origin: string | null,
    requester: Requester,
  ): Result<SignUp> {
    return storage.transaction(() => {
      const user = users.service.create(
        newUser.parse({
          email_address: signUp.email_address === null ? [] : [signUp.email_address],
          first_name: signUp.first_name,
          last_name: signUp.last_name,
          username: signUp.username,
          unsafe_metadata: signUp.unsafe_metadata,
        }),
        requester,
      );
      if (!user.ok) return user;
      const session = sessions.service.create({
        userId: user.value.id,
        origin,
        status: "active",
        organizationId: null,
        clientId,
      }, requester);
      if (!session.ok) return session;
      return succeed({
        ...signUp,
        check: "verified",
        created_user_id: user.value.id,
        created_session_id: session.value.id,
      });
    });
  }

  routes.post("/client/sign_ups", async (context) => {
    const form = await readForm(context, signUpFields);
    if (!form.ok) return refuse(form);
    const { email_address: address } = form.value;
    if (address !== undefined && users.store.findByEmailAddress(address)) {
      return refuse(clerkErrors.identifierExists("email_address", "email address"));
    }
    const signUp: SignUp = {
      id: newId("sua", now()),
      email_address: address ?? null,
      first_name: form.value.first_name ?? null,
      last_name: form.value.last_name ?? null,
      username: form.value.username ?? null,
      unsafe_metadata: form.value.unsafe_metadata ?? {},
      check: "not_sent",
      created_user_id: null,
      created_session_id: null,
    };
    return await show(browsers.of(context), signUp, context.req.url);
  });

  routes.post("/client/sign_ups/:id/prepare_verification", async (context) => {
    const form = await readForm(context, preparation);
    if (!form.ok) return refuse(form);
    const browser = browsers.of(context);
    const signUp = find(browser, context.req.param("id"));
    if (!signUp.ok) return refuse(signUp);
    return await show(browser, { ...signUp.value, check: "sent" }, context.req.url);
  });

  routes.post("/client/sign_ups/:id/attempt_verification", async (context) => {
    const form = await readForm(context, attempt);
    if (!form.ok) return refuse(form);
    const browser = browsers.of(context);
    const signUp = find(browser, context.req.param("id"));
    if (!signUp.ok) return refuse(signUp);
    if (signUp.value.check !== "sent" || form.value.code !== theCode) {
      return refuse(clerkErrors.codeIncorrect());
    }
    const origin = context.req.header("origin") ?? null;
    const done = complete(signUp.value, browser.client.id, origin, requesterOf(context));
    return done.ok ? await show(browser, done.value, context.req.url) : refuse(done);
  });
  return routes;
}
