import assert from "node:assert/strict";
import { accessibilityProblems } from "../support/browser/accessibility.ts";
import { withBrowser, withContext } from "../support/browser/browser.ts";
import { layoutShifts, watchLayoutShift } from "../support/browser/layout_shift.ts";
import { eventually } from "../support/eventually.ts";
import { serveLoopback } from "../support/loopback_server.ts";

const page = (body: string) =>
  `<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>${body}</main></html>`;

Deno.test("the tests' browser reports what is wrong with a page, and reaches only this machine", async () => {
  const bodies: Readonly<Record<string, string>> = {
    "/good": "",
    "/inaccessible": `<p style="color: #ccc">Too pale</p><button></button>`,
    "/failing": `<script>console.error("the page's mistake")</script>`,
    "/moving": `<p id="text">Text</p>
      <script>setTimeout(() => document.getElementById("text").style.marginTop = "200px", 100)</script>`,
    "/elsewhere":
      `<script>fetch("http://example.com/").catch((error) => document.title = error)</script>`,
  };
  await using server = serveLoopback((request) =>
    new Response(page(bodies[new URL(request.url).pathname] ?? ""), {
      headers: { "content-type": "text/html" },
    })
  );
  await withBrowser(async (browser) => {
    const visit = (path: string, expectedErrors?: RegExp) =>
      withContext(browser, expectedErrors ? { expectedErrors } : {}, async (context) => {
        await watchLayoutShift(context);
        const tab = await context.newPage();
        await tab.goto(`${server.url}${path}`);
        if (path === "/moving") {
          await eventually("a shift", async () => (await layoutShifts(tab)).length > 0);
        }
        if (path === "/elsewhere") {
          await eventually("an answer", async () => /TypeError/.test(await tab.title()));
        }
        return { problems: await accessibilityProblems(tab), shifts: await layoutShifts(tab) };
      });
    assert.deepEqual(await visit("/good"), { problems: [], shifts: [] });
    const { problems } = await visit("/inaccessible");
    assert.deepEqual(problems.map((problem) => problem.split(" ")[0]).sort(), [
      "button-name",
      "color-contrast",
    ]);
    assert.match((await visit("/moving")).shifts.join(), /id="text"/);
    await assert.rejects(visit("/failing"), /the page's mistake/);
    await visit("/failing", /mistake/);
    await assert.rejects(visit("/elsewhere"), /ERR_NAME_NOT_RESOLVED/);
  });
});
