import assert from "node:assert/strict";
import { createPageRoutes } from "../../local/console/page_routes.ts";

Deno.test("a failed build of the console is answered with its reason, and tried again", async () => {
  let builds = 0;
  const routes = createPageRoutes(() => {
    builds++;
    return builds === 1
      ? Promise.reject(new Error("page/main.tsx:1:2: Expected identifier"))
      : Promise.resolve({ script: "the script", style: "the style" });
  });
  const failed = await routes.request("/");
  assert.equal(failed.status, 500);
  assert.match(await failed.text(), /cannot be built.*\n\n.*main\.tsx:1:2/);
  assert.equal((await routes.request("/")).status, 200);
  assert.equal(await (await routes.request("/page.js")).text(), "the script");
  assert.equal(await (await routes.request("/page.css")).text(), "the style");
  assert.equal(builds, 2);
});
