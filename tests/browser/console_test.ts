import assert from "node:assert/strict";
import { request } from "node:http";
import type { Browser } from "playwright-core";
import { accessibilityProblems } from "../support/browser/accessibility.ts";
import { type ContextOptions, startBrowser } from "../support/browser/browser.ts";
import { layoutShifts } from "../support/browser/layout_shift.ts";
import { eventually } from "../support/eventually.ts";
import { clerk } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type ConsolePage, inTab } from "./console_page.ts";

// One for all tests, because its start takes longer than many of them. A tab has a context of its own.
let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await startBrowser();
});
Deno.test.afterAll(() => browser.close());

/** Runs with the console open, and with both sides in agreement. */
function withConsole(
  options: ContextOptions,
  run: (console: ConsolePage) => Promise<void>,
): Promise<void> {
  return inTab(browser, options, run);
}

Deno.test("a new user is delivered and becomes a row, and what changes in the row is marked", async () => {
  await withConsole({}, async ({ page, press, delivery, row, marks, createUser }) => {
    const name = await createUser();
    await row(name, "new").waitFor();
    await delivery("user.created", "applied", "attempt 1", "200").waitFor();
    await marks("In agreement");

    await page.getByRole("button", { name }).click();
    await page.getByLabel("Primary email address").selectOption(
      `${name}@example.org`.toLowerCase(),
    );
    await press("Save");
    await row(name, "email").waitFor();
    const marked = row(name).locator("mark");
    assert.equal(await marked.first().textContent(), `${name}@example.org`.toLowerCase());

    await page.getByRole("button", { name }).click();
    await press("Ban");
    await row(name, "banned").waitFor();
    await page.getByRole("button", { name }).click();
    await press("Delete");
    await row(name, "deleted").waitFor();
    await marks("In agreement");
  });
});

Deno.test("a form that Clerk refuses stays open, and says why", async () => {
  const refusal = /status of 422/;
  await withConsole({ expectedErrors: refusal }, async ({ page, press, button, createUser }) => {
    const taken = `${await createUser()}@example.com`;
    await press("New user");
    await page.getByLabel("First name").fill("Grace");
    await page.getByLabel("Email address", { exact: true }).fill(taken);
    await press("Create");
    await page.getByRole("alert").filter({ hasText: "address is taken" }).waitFor();
    assert.equal(await page.getByLabel("First name").inputValue(), "Grace");
    await page.getByLabel("Email address", { exact: true }).fill(`again-${taken}`);
    await press("Create");
    await button("Create").waitFor({ state: "detached" });
    await page.getByRole("button", { name: `again-${taken}`.toLowerCase() }).waitFor();
  });
});

Deno.test("an organization and its member become rows", async () => {
  await withConsole({}, async ({ page, press, row, createUser, marks }) => {
    const user = await createUser();
    const name = `Engines ${crypto.randomUUID().slice(0, 8)}`;
    await press("New organization");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Founder").selectOption({ label: `Ada ${user}` });
    await press("Create");
    await row(user, "membership", `org:admin in ${name}`).waitFor();
    await marks("In agreement");
  });
});

Deno.test("an organization's members get another role, come and go", async () => {
  await withConsole({}, async ({ page, press, row, createUser, marks }) => {
    const [ada, bob] = [await createUser(), await createUser()];
    const name = `Engines ${crypto.randomUUID().slice(0, 8)}`;
    await press("New organization");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Founder").selectOption({ label: `Ada ${ada}` });
    await press("Create");
    const open = () => page.getByRole("button", { name }).click();

    await open();
    await page.getByLabel(`Role of Ada ${ada}`).selectOption("Member");
    await page.getByLabel("Add a member").selectOption({ label: `Ada ${bob}` });
    await page.getByRole("combobox", { name: /^As/ }).selectOption("Admin");
    assert.deepEqual(await accessibilityProblems(page), []);
    await press("Save");
    await row(ada, "membership", `org:member in ${name}`).waitFor();
    await row(bob, "membership", `org:admin in ${name}`).waitFor();

    await open();
    await page.getByRole("dialog").getByText(`${bob}@example.com`.toLowerCase()).waitFor();
    await press(`Remove Ada ${ada}`);
    // Nothing happens before the form is saved.
    await press(`Remove Ada ${bob}`);
    await press(`Remove Ada ${bob}`);
    await press("Save");
    await row(ada, "membership", "deleted").waitFor();
    await marks("In agreement");
    await row(bob, "membership", "active").waitFor();
  });
});

Deno.test("a user's email addresses come, become primary and go", async () => {
  const refusal = /status of 422/;
  await withConsole(
    { expectedErrors: refusal },
    async ({ page, press, row, createUser, marks }) => {
      const name = await createUser();
      const [first, second] = ["com", "org"].map((end) => `${name}@example.${end}`.toLowerCase());
      const added = `${name}@example.net`.toLowerCase();
      const open = () => page.getByRole("button", { name }).first().click();
      await open();
      await press(`Remove ${first}`);
      await page.getByLabel("Add an email address").fill(added);
      await page.getByLabel("Primary email address").selectOption(added);
      assert.deepEqual(await accessibilityProblems(page), []);
      await press("Save");
      await row(name, "user", added).waitFor();

      await open();
      await press(`Remove ${added}`);
      assert.equal(await page.getByLabel("Primary email address").inputValue() !== "", true);
      await press("Save");
      await row(name, "user", second ?? "").waitFor();
      await marks("In agreement");

      await open();
      await press(`Remove ${second}`);
      await press("Save");
      await page.getByRole("alert").filter({ hasText: "delete your last identification" })
        .waitFor();
    },
  );
});

Deno.test("held deliveries make both sides differ, and agree in whatever order they then come", async () => {
  await withConsole({}, async ({ page, press, delivery, marks, createUser }) => {
    await press("Hold");
    const name = await createUser();
    await delivery("user.created", "held").waitFor();
    await marks("They differ");
    await page.getByRole("button", { name }).click();
    await page.getByLabel("First name").fill("Augusta");
    await press("Save");
    await delivery("user.updated", "held").waitFor();
    await press("Release newest first");
    // The creation comes after the change, and no longer says anything new.
    await delivery("user.created", "stale").waitFor();
    await marks("In agreement");
  });
});

Deno.test("any delivery can be repeated, by the keyboard too", async () => {
  await withConsole({}, async ({ page, delivery, row, marks, createUser }) => {
    const name = await createUser();
    await row(name, "new").waitFor();
    const id = await delivery("user.created", "applied").locator("code").innerText();
    await createUser();
    await delivery("user.created", "applied").filter({ hasNotText: id }).waitFor();
    await marks("In agreement");

    const repeat = page.getByRole("button", { name: /^Repeat user.created/ });
    await repeat.first().focus();
    await page.keyboard.press("ArrowDown");
    assert.equal(await repeat.nth(1).and(page.locator(":focus")).count(), 1);
    await page.getByRole("button", { name: `Repeat user.created ${id}` }).focus();
    await page.keyboard.press("Enter");
    await delivery(id, "attempt 2", "duplicate").waitFor();
    await marks("In agreement");
  });
});

Deno.test("each delivery's id can be told from the next at every width", async () => {
  await withConsole({}, async ({ page, createUser, delivery }) => {
    const name = await createUser();
    await delivery("user.created", "applied").waitFor();
    await page.getByText(name).first().waitFor();
    for (const width of [360, 560, 1001, 1150, 1300, 1440, 1680]) {
      await page.setViewportSize({ width, height: 800 });
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
      // Svix-ids begin alike: their ends must be seen.
      const isCut = await page.evaluate(`(() => {
        const code = document.querySelector(".deliveries code");
        const end = document.createRange();
        end.setStart(code.firstChild, code.textContent.length - 12);
        end.setEnd(code.firstChild, code.textContent.length);
        const [text, box] = [end, code].map((one) => one.getBoundingClientRect());
        return text.width < 80 || text.left < box.left || text.right > box.right + 1;
      })()`);
      assert.equal(isCut, false, `at ${width} px`);
    }
  });
});

Deno.test("a wrong signature is refused, and the delivery taken once the signature is right", async () => {
  await withConsole({}, async ({ press, delivery, row, marks, createUser }) => {
    await press("Wrong signature");
    const name = await createUser();
    await delivery("user.created", "invalid_signature", "401").waitFor();
    await marks("They differ");
    await press("Wrong signature");
    // It may have used up its retries.
    await press("Deliver now");
    await row(name, "active").waitFor();
    await marks("In agreement");
  });
});

Deno.test("nothing is lost while the database or Clerk is down", async () => {
  await withConsole({}, async (console) => {
    const { page, press, button, delivery, row, marks, createUser } = console;
    await press("Database down");
    await marks("Cannot compare");
    const name = await createUser();
    await delivery("user.created", "database_unavailable", "503").waitFor();
    await press("Database down");
    await page.getByText("The database is back").waitFor();
    await press("Deliver now");
    await row(name, "new").waitFor();
    await marks("In agreement");

    await press("Clerk down");
    await marks("Cannot compare");
    assert.equal(await button("New user").isDisabled(), true);
    await press("Clerk down");
    await marks("In agreement");
  });
});

Deno.test("reconcile mends what lost events have left", async () => {
  await withConsole({}, async ({ page, press, row, mark, marks, createUser }) => {
    await press("Lose events");
    await page.getByText("Events are lost now").waitFor();
    const name = await createUser();
    await marks("They differ");
    await mark.filter({ hasText: "1 missing" }).waitFor();
    await press("Lose events");
    await press("Reconcile and repair");
    await page.getByRole("region", { name: "Runs" }).getByText("repaired").first().waitFor();
    await row(name, "new").waitFor();
    await marks("In agreement");
  });
});

Deno.test("a burst of 200 users ends in agreement, and moves nothing on the page", async () => {
  await withConsole({ viewport: { width: 1440, height: 900 } }, async (console) => {
    const { page, press, button, mark, marks } = console;
    await button("Burst").click();
    await page.getByText("of 200").first().waitFor();
    await button("Burst").waitFor();
    await eventually("every delivery", async () => {
      const note = await page.getByRole("region", { name: "Deliveries", exact: true })
        .textContent();
      return !/waiting/.test(note?.slice(0, 40) ?? "");
    }, 60_000);
    await mark.filter({ hasNotText: "Comparing" }).waitFor();
    await marks("In agreement");
    assert.deepEqual(await layoutShifts(page), []);
    await press("Backfill");
    await page.getByRole("region", { name: "Runs" }).getByText("complete").first().waitFor();
    assert.deepEqual(await layoutShifts(page), []);
  });
});

Deno.test("the copied lines work in a shell", async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  await withConsole({ permissions }, async ({ page, press, createUser, row }) => {
    const name = await createUser();
    await row(name).waitFor();
    await page.getByRole("combobox", { name: /^For/ }).selectOption({ index: 0 });
    await press("New token");
    await page.getByText("TOKEN=eyJ").waitFor();
    await press("Copy lines");
    await page.getByRole("status").filter({ hasText: "Lines copied" }).waitFor();
    const lines = await page.evaluate("navigator.clipboard.readText()");
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", String(lines)],
      stderr: "null",
    }).output();
    const [, me] = new TextDecoder().decode(stdout).split(/(?<=\})(?=\{)/);
    assert.equal(JSON.parse(me ?? "").user.last_name, name);
    await page.getByText("Lines copied").waitFor({ state: "detached" });
  });
});

Deno.test("a token stays with the user it is for, whoever signs up next", async () => {
  await withConsole({}, async ({ page, press, createUser }) => {
    const first = await createUser();
    const chosen = page.getByRole("combobox", { name: /^For/ });
    await press("New token");
    await page.getByText("TOKEN=eyJ").waitFor();

    await createUser();
    assert.match(await chosen.locator("option:checked").innerText(), new RegExp(first));
    await page.getByText("TOKEN=eyJ").waitFor();
    await chosen.selectOption({ index: 0 });
    await page.getByText("TOKEN=…").waitFor();
  });
});

Deno.test("the keyboard alone reaches everything", async () => {
  await withConsole({}, async ({ page, row }) => {
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(`document.activeElement === document.body ? "" :
        document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent`);
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 40; presses++) {
        if (String(await focused()).includes(text)) return;
        await keyboard.press("Tab");
      }
      assert.fail(`40 times Tab do not reach ${text}`);
    };
    const name = `Keys-${crypto.randomUUID().slice(0, 8)}`;
    await tabTo("New user");
    await keyboard.press("Enter");
    await keyboard.type("Ada");
    await keyboard.press("Tab");
    await keyboard.type(name);
    await keyboard.press("Enter");
    await row(name, "new").waitFor();

    // The list of users is one stop. The arrows go on from there.
    await tabTo(name);
    await keyboard.press("ArrowDown");
    assert.doesNotMatch(String(await focused()), new RegExp(name));
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Edit user" }).waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.match(String(await focused()), new RegExp(name));
    for (
      const stop of [
        "Deliveries, the newest first",
        "Rows, the last changed first",
        "Reconcile and repair",
        "New token",
        "Lines for a shell",
      ]
    ) await tabTo(stop);
    assert.notEqual(
      await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"),
      "none",
    );
  });
});

Deno.test("axe finds nothing, and nothing is cut off, light and dark, on a phone and on a desk", async () => {
  await clerk().users.createUser({ firstName: "Ada".repeat(20), lastName: "Lovelace".repeat(10) });
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [360, 1440]) {
      await withConsole({ colorScheme, viewport: { width, height: 800 } }, async (console) => {
        const { page, press } = console;
        const where = `${colorScheme}, ${width}`;
        assert.deepEqual(await layoutShifts(page), [], where);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width, where);
        assert.deepEqual(await accessibilityProblems(page), [], where);
        await press("New user");
        assert.deepEqual(await accessibilityProblems(page), [], `${where}, dialog`);
        const stickingOut = await page.evaluate(`[...document.querySelectorAll("dialog .field")]
          .filter((field) =>
            field.lastElementChild.getBoundingClientRect().right >
              field.getBoundingClientRect().right + 1)
          .map((field) => field.textContent)`);
        assert.deepEqual(stickingOut, [], `${where}, fields`);
      });
    }
  }
});

/** Sends exactly these headers, and returns the answer's status. fetch() would choose some itself. */
function send(path: string, method: string, headers: Record<string, string>, body = "") {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const url = runningStack().CONSOLE_URL + path;
  const outgoing = request(url, { method, headers, agent: false }, (response) => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

Deno.test("only the console's own page may act, and only under this machine's names", async () => {
  const { CONSOLE_URL } = runningStack();
  const { port, host } = new URL(CONSOLE_URL);
  const json = { "content-type": "application/json" };
  const act = (headers: Record<string, string>) =>
    send("/actions", "POST", { ...json, ...headers }, JSON.stringify({ action: "compare" }));
  assert.equal(await act({ origin: CONSOLE_URL }), 200);
  assert.equal(await act({}), 403);
  for (
    const origin of [
      "https://evil.example",
      "null",
      "http://localhost:3000",
      `http://127.0.0.1:${Number(port) - 2}`,
      `https://${host}`,
      // The same server under its other name is another origin.
      `http://localhost:${port}`,
    ]
  ) assert.equal(await act({ origin }), 403, origin);

  for (const name of [`evil.example:${port}`, "localhost", `127.0.0.1.evil.example:${port}`]) {
    for (const path of ["/", "/page.js", "/events"]) {
      assert.equal(await send(path, "GET", { host: name }), 403, `${name}${path}`);
    }
    assert.equal(await act({ host: name, origin: `http://${name}` }), 403, name);
  }
  assert.equal(await send("/", "GET", { host: `localhost:${port}` }), 200);

  const page = await fetch(CONSOLE_URL);
  await page.body?.cancel();
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(page.headers.get("access-control-allow-origin"), null);
});
