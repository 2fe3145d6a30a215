import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { askDouble } from "../../local/clerk/control/client.ts";
import { accessibilityProblems } from "../support/browser/accessibility.ts";
import { type ContextOptions, startBrowser, withContext } from "../support/browser/browser.ts";
import {
  runInExample,
  type ServedExample,
  serveExample,
  serveExampleSources,
  signInOnPage,
} from "../support/browser/example.ts";
import { eventually } from "../support/eventually.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { assertAsInClerk } from "../support/stack/as_in_clerk.ts";
import {
  clerk,
  longToken,
  signUp,
  webhooksSettled,
  withoutWebhooks,
} from "../support/stack/clerk.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { backend, readRow } from "../support/stack/supabase.ts";

const running = new AsyncDisposableStack();
let own: OwnStack;
let example: ServedExample;
let browser: Browser;
Deno.test.beforeAll(async () => {
  own = await startOwnStack();
  running.defer(own.stop);
  example = await serveExample(own.stack.directory);
  running.defer(example.stop);
  browser = await startBrowser();
  running.defer(() => browser.close());
});
Deno.test.afterAll(() => running.disposeAsync());

/** Runs with one tab that shows the example. */
function onExample(
  run: (page: Page, context: BrowserContext) => Promise<void>,
  options: ContextOptions = {},
): Promise<void> {
  return withContext(browser, options, async (context) => {
    const page = await context.newPage();
    await page.goto(example.url);
    await run(page, context);
  });
}

/** The calls of a function that the tabs send from now on. */
function countCalls(context: BrowserContext, name: string): () => number {
  let calls = 0;
  context.on("request", (request) => {
    if (request.url().includes(`/functions/v1/${name}`)) calls++;
  });
  return () => calls;
}

const newAddress = () => `${crypto.randomUUID()}@example.com`;
const hello = (page: Page, name: string) =>
  page.getByRole("heading", { name: `Hello, ${name}` }).waitFor();

Deno.test("the keyboard alone leads from the sign-up to the profile, and users-sync is called once", async () => {
  await onExample(async (page, context) => {
    const syncs = countCalls(context, "users-sync");
    const address = newAddress();
    const { keyboard } = page;
    await page.getByLabel("Email address").and(page.locator(":focus")).waitFor();
    for (const key of ["Tab", "Tab", "Enter"]) await keyboard.press(key);
    await page.getByLabel("First name").and(page.locator(":focus")).waitFor();
    for (const text of ["Mary", "Somerville", address]) {
      await keyboard.type(text);
      await keyboard.press(text === address ? "Enter" : "Tab");
    }
    await page.getByLabel(`Code sent to ${address}`).and(page.locator(":focus")).waitFor();
    await keyboard.type("424242");
    await keyboard.press("Enter");
    await hello(page, "Mary");
    await page.locator("h1:focus").waitFor();

    const { data: [user] } = await clerk().users.getUserList({ limit: 1 });
    assert.equal(user?.primaryEmailAddress?.emailAddress, address);
    await webhooksSettled();
    await assertAsInClerk(user.id);
    assert.equal(syncs(), 1, "users-sync in StrictMode");
    await page.reload();
    await hello(page, "Mary");
    assert.equal(syncs(), 1, "users-sync after a reload");
  });
});

Deno.test("what is typed after a refused address or code replaces it", async () => {
  const address = newAddress();
  await signUp({ emailAddress: [address], firstName: "Ada" });
  await onExample(async (page) => {
    const { keyboard } = page;
    const field = page.getByLabel("Email address");
    await field.fill("nobody@example.com");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByText("Couldn't find your account").waitFor();
    await keyboard.type(address);
    await keyboard.press("Enter");
    await page.getByLabel(`Code sent to ${address}`).and(page.locator(":focus")).waitFor();
    await keyboard.type("000000");
    await keyboard.press("Enter");
    await page.getByText("Incorrect code").waitFor();
    await keyboard.type("424242");
    await keyboard.press("Enter");
    await hello(page, "Ada");
  }, { expectedErrors: /422 \(Unprocessable/ });
});

Deno.test("a page that is loaded while Clerk is down says so, and goes on once Clerk is back", async () => {
  const address = newAddress();
  await signUp({ emailAddress: [address], firstName: "Ada" });
  await onExample(async (page) => {
    await signInOnPage(page, address);
    const faults = [{ route: "* /__clerk/*", status: 503 }];
    await askDouble(runningStack(), "PUT", "faults", { faults });
    try {
      await page.reload();
      await page.getByText("Clerk isn’t answering").waitFor({ timeout: 6_000 });
      await hello(page, "Ada");
      await page.getByRole("alert").filter({ hasText: "Clerk isn’t answering" }).waitFor();
      await page.getByRole("banner").getByText(address).waitFor();
      assert.deepEqual(await accessibilityProblems(page), []);
    } finally {
      await askDouble(runningStack(), "DELETE", "faults");
    }
    await page.getByText("Clerk isn’t answering").waitFor({ state: "detached" });
    await page.getByRole("banner").getByText(address).waitFor();
  }, { expectedErrors: /503 \(Service Unavailable\)/ });
});

Deno.test("a page that gets no new token says that Clerk is why", async () => {
  const address = newAddress();
  await signUp({ emailAddress: [address], firstName: "Ada" });
  await withContext(browser, { expectedErrors: /503 \(Service Unavailable\)/ }, async (context) => {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(example.url);
    await signInOnPage(page, address);
    const faults = [{ route: "* /__clerk/*", status: 503 }];
    await askDouble(runningStack(), "PUT", "faults", { faults });
    try {
      await page.clock.fastForward(90_000);
      await page.getByRole("alert").filter({ hasText: "Clerk isn’t answering. Trying again" })
        .waitFor();
      await page.getByRole("banner").getByText(address).waitFor();
      await hello(page, "Ada");
    } finally {
      await askDouble(runningStack(), "DELETE", "faults");
    }
    await page.clock.fastForward(60_000);
    await page.getByRole("alert").waitFor({ state: "detached" });
  });
});

Deno.test("the user edits their metadata, and only as a JSON object", async () => {
  const user = await signUp({ emailAddress: [newAddress()], firstName: "Ada" });
  await onExample(async (page) => {
    await signInOnPage(page, user.primaryEmailAddress?.emailAddress ?? "");
    const field = page.getByLabel("metadata", { exact: true });
    for (const text of ['{"theme":', '["dark"]']) {
      await field.fill(text);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("This is not a JSON object").waitFor();
    }
    assert.deepEqual((await readRow(user.id))?.metadata, {});
    await field.fill('{"theme": "dark"}');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    assert.deepEqual((await readRow(user.id))?.metadata, { theme: "dark" });
    await page.reload();
    await hello(page, "Ada");
    assert.deepEqual(JSON.parse(await field.inputValue()), { theme: "dark" });
  });
});

Deno.test("the page follows the user's row until the application deactivates it", async () => {
  const user = await signUp({ emailAddress: [newAddress()], firstName: "Ada" });
  await onExample(async (page) => {
    await signInOnPage(page, user.primaryEmailAddress?.emailAddress ?? "");
    await clerk().users.updateUser(user.id, { firstName: "Augusta" });
    await hello(page, "Augusta");
    const setActive = (is_active: boolean) =>
      backend().from("users").update({ is_active }).eq("clerk_id", user.id).throwOnError();
    await setActive(false);
    await page.getByText("There is no row to show").waitFor();
    assert.ok(!(await page.locator("main").innerText()).includes("Augusta"));
    await setActive(true);
    await page.getByRole("button", { name: "Try again" }).click();
    await hello(page, "Augusta");
  }, { expectedErrors: /403 \(Forbidden/ });
});

Deno.test("each account sees only its own organizations, and switches between them", async () => {
  const [ada, bob] = await Promise.all(
    ["Ada", "Bob"].map((firstName) => signUp({ emailAddress: [newAddress()], firstName })),
  );
  assert.ok(ada && bob);
  const { organizations } = clerk();
  const [engines, bells] = await Promise.all([["Engines", ada], ["Bells", bob]] as const)
    .then((list) =>
      Promise.all(
        list.map(([name, { id }]) => organizations.createOrganization({ name, createdBy: id })),
      )
    );
  assert.ok(engines && bells);
  const shared = await organizations.createOrganization({ name: "Shared", createdBy: bob.id });
  await organizations.createOrganizationMembership({
    organizationId: shared.id,
    userId: ada.id,
    role: "org:member",
  });
  await webhooksSettled();
  await onExample(async (page) => {
    const answers: string[] = [];
    page.on("response", async (response) => {
      if (/\/rest\/v1\/|\/users-me/.test(response.url()) && response.ok()) {
        answers.push(await response.text().catch(() => ""));
      }
    });
    const rows = () => page.getByRole("row").allInnerTexts();
    const shows = (what: string, expected: readonly string[]) =>
      eventually(`${what} shows ${expected}`, async () => {
        const [, ...shown] = await rows();
        return String(shown.map((row) => row.replaceAll(/\s+/g, " ")).sort()) === String(expected);
      });
    await signInOnPage(page, ada.primaryEmailAddress?.emailAddress ?? "");
    const every = ["Engines You admin", "Shared You member", `Shared ${bob.id} admin`].sort();
    await shows("no organization", every);
    const active = page.getByLabel("Active organization");
    await active.selectOption("Engines");
    await shows("Engines", ["You admin"]);
    await active.selectOption("Shared");
    await shows("Shared", ["You member", `${bob.id} admin`]);
    await active.selectOption("None, only you");
    await shows("no organization", every);
    assert.ok(answers.some((text) => text.includes(engines.id)));
    assert.ok(!answers.some((text) => text.includes(bells.id)), "an organization of others");

    await page.getByRole("button", { name: "Sign out" }).click();
    answers.length = 0;
    await signInOnPage(page, bob.primaryEmailAddress?.emailAddress ?? "");
    await shows("Bob", ["Bells You admin", "Shared You admin", `Shared ${ada.id} member`].sort());
    await page.getByLabel("New organization").fill("Founded here");
    await page.getByRole("button", { name: "Create" }).click();
    await shows("the new organization", ["You admin"]);
    assert.ok(!answers.some((text) => text.includes(engines.id)), "an organization of others");
  });
});

Deno.test("a switch to another account without a sign-out shows nothing of the first", async () => {
  const [ada, bob] = await Promise.all(
    ["Ada", "Bob"].map((firstName) => signUp({ emailAddress: [newAddress()], firstName })),
  );
  const addressOfBob = bob?.primaryEmailAddress?.emailAddress ?? "";
  await onExample(async (page, context) => {
    await signInOnPage(page, ada?.primaryEmailAddress?.emailAddress ?? "");
    await page.getByLabel("metadata", { exact: true }).fill("a draft of Ada's");
    const syncs = countCalls(context, "users-sync");
    const gate = Promise.withResolvers<void>();
    await context.route("**/functions/v1/users-sync", async (route) => {
      await gate.promise;
      await route.continue();
    });
    // What Clerk's own account switcher does, where an instance allows several sessions.
    await page.evaluate(`(async () => {
      const { client, setActive } = globalThis.Clerk;
      const strategy = "email_code";
      await client.signIn.create({ identifier: ${JSON.stringify(addressOfBob)}, strategy });
      const signIn = await client.signIn.attemptFirstFactor({ strategy, code: "424242" });
      await setActive({ session: signIn.createdSessionId });
    })()`);
    await page.getByText(addressOfBob).waitFor();
    assert.doesNotMatch(await page.locator("main").innerText(), /Ada/);
    gate.resolve();
    await hello(page, "Bob");
    assert.equal(syncs(), 1);
    assert.equal(await page.getByLabel("metadata", { exact: true }).inputValue(), "{}");
  });
});

Deno.test("of two tabs one calls users-sync, and a sign-out in one ends both", async () => {
  const { primaryEmailAddress } = await signUp({ emailAddress: [newAddress()], firstName: "Ada" });
  const address = primaryEmailAddress?.emailAddress ?? "";
  await onExample(async (page, context) => {
    const gate = Promise.withResolvers<void>();
    await context.route("**/functions/v1/users-sync", async (route) => {
      await gate.promise;
      await route.continue();
    });
    const syncs = countCalls(context, "users-sync");
    const signingIn = signInOnPage(page, address);
    signingIn.catch(() => {});
    await eventually("the first tab calls", () => syncs() === 1);
    const other = await context.newPage();
    await other.goto(example.url);
    await other.getByText("Your row is on its way").waitFor();
    gate.resolve();
    await Promise.all([signingIn, hello(other, "Ada")]);
    assert.equal(syncs(), 1);
    await page.getByRole("button", { name: "Sign out" }).click();
    for (const tab of [page, other]) await tab.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});

Deno.test("users-sync is asked again while Clerk is down, and makes the row without any webhook", async () => {
  await withoutWebhooks(async () => {
    const user = await signUp({ emailAddress: [newAddress()], firstName: "Ada" });
    const faults = [{ route: "GET /v1/users/*", status: 500 }];
    await onExample(async (page) => {
      await askDouble(runningStack(), "PUT", "faults", { faults });
      try {
        const signingIn = signInOnPage(page, user.primaryEmailAddress?.emailAddress ?? "");
        signingIn.catch(() => {});
        await page.getByRole("alert").filter({ hasText: "Trying again" }).waitFor();
        assert.equal(await readRow(user.id), null);
        await askDouble(runningStack(), "DELETE", "faults");
        await signingIn;
        await page.getByRole("alert").filter({ hasText: "Trying again" }).waitFor({
          state: "hidden",
        });
      } finally {
        await askDouble(runningStack(), "DELETE", "faults");
      }
      await assertAsInClerk(user.id);
    }, { expectedErrors: /503 \(Service Unavailable\)/ });
  });
});

Deno.test("the page goes on with a new token when the first has expired", async () => {
  const user = await signUp({ emailAddress: [newAddress()], firstName: "Ada" });
  await withContext(browser, {}, async (context) => {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(example.url);
    await signInOnPage(page, user.primaryEmailAddress?.emailAddress ?? "");
    const bearers = new Set<string>();
    page.on("request", async (request) => {
      if (!request.url().includes("/users-me")) return;
      bearers.add((await request.allHeaders())["authorization"] ?? "");
    });
    await eventually("a call with the first token", () => bearers.size === 1);
    await page.clock.fastForward(90_000);
    await eventually("a call with another token", () => bearers.size > 1);
  });
});

Deno.test("every screen is accessible and fits, in both colour schemes, on a phone and on a desktop", async () => {
  const address = newAddress();
  await signUp({ emailAddress: [address], firstName: "Ada" });
  await onExample(async (page) => {
    const check = async (screen: string) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [360, 1440]) {
          await page.setViewportSize({ width, height: 800 });
          const where = `${screen}, ${colorScheme}, ${width} px`;
          assert.deepEqual(await accessibilityProblems(page), [], where);
          const wide = await page.evaluate("document.documentElement.scrollWidth");
          assert.equal(wide, width, `${where} scrolls sideways`);
        }
      }
    };
    await page.getByRole("button", { name: "Sign up" }).click();
    await check("sign-up");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Email address").fill("nobody@example.com");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByText("Couldn't find your account").waitFor();
    await check("refused sign-in");
    await page.getByLabel("Email address").fill(address);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel(`Code sent to ${address}`).waitFor();
    await check("code");
    await page.getByRole("button", { name: "Use another address" }).click();
    await signInOnPage(page, address);
    await page.getByLabel("New organization").fill("An organization with a long name");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("table").waitFor();
    await check("profile");
  }, { expectedErrors: /422 \(Unprocessable/ });
});

Deno.test("a page of any origin calls the functions with supabase-js, with a region and with headers of its own", async () => {
  const user = await signUp();
  await webhooksSettled();
  const { API_URL, PUBLISHABLE_KEY } = runningStack();
  // Passes everything on, and remembers the preflights, which a page never sees.
  await using api = serveLoopback(async (request) => {
    const { pathname, search } = new URL(request.url);
    return await fetch(`${API_URL}${pathname}${search}`, request);
  });
  const library = "examples/react/node_modules/@supabase/supabase-js/dist/umd/supabase.js";
  const page = `<!doctype html><title>App</title><script>${await Deno.readTextFile(
    library,
  )}</script>
    <script>
      const { functions } = supabase.createClient("${api.url}", "${PUBLISHABLE_KEY}", {
        accessToken: async () => "${await longToken(user.id)}",
      });
      const invoke = async (name, options) => {
        const { data, error } = await functions.invoke(name, options);
        if (error) throw error;
        return data.user.clerk_id;
      };
    </script>`;
  await using server = serveLoopback(() =>
    new Response(page, { headers: { "content-type": "text/html" } })
  );
  await withContext(browser, {}, async (context) => {
    const tab = await context.newPage();
    await tab.goto(server.url);
    for (
      const call of [
        'invoke("users-sync")',
        'invoke("users-me", { region: "eu-central-1" })',
        'invoke("users-me", { method: "GET", headers: { "x-own": "1" } })',
      ]
    ) assert.equal(await tab.evaluate(call), user.id, call);
  });
  const asked = api.requests.filter(({ method }) => method === "OPTIONS")
    .map(({ query, headers }) => `${query} ${headers.get("access-control-request-headers")}`);
  assert.equal(asked.length, 3, String(asked));
  assert.match(asked[0] ?? "", /apikey,authorization,x-client-info/);
  assert.match(asked[1] ?? "", /forceFunctionRegion=eu-central-1.*x-region/);
  assert.match(asked[2] ?? "", /x-own/);
});

Deno.test("the example builds, and npm run dev serves it", async () => {
  const environment = { LOCAL_DIR: own.stack.directory };
  const built = await Deno.makeTempDir();
  await runInExample(
    ["npm", "run", "build", "--", "--outDir", built, "--emptyOutDir"],
    environment,
  );
  await Deno.remove(built, { recursive: true });
  const sources = await serveExampleSources(own.stack.directory);
  try {
    await withContext(browser, {}, async (context) => {
      const page = await context.newPage();
      await page.goto(sources.url);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });
  } finally {
    await sources.stop();
  }
});
