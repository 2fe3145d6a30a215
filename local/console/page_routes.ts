import { Hono } from "hono";
import type { BuiltPage } from "./build.ts";
import { keepFirst } from "./keep_first.ts";

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sync console</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page.css" />
    <script type="module" src="/page.js"></script>
  </head>
  <body></body>
</html>
`;

/** The page, its script and its style. A failed build is answered with its reason. */
export function createPageRoutes(build: () => Promise<BuiltPage>): Hono {
  const page = keepFirst(build);
  const routes = new Hono();
  routes.onError((error, context) =>
    context.text(`The console cannot be built. Reload to try again.\n\n${error.message}\n`, 500)
  );
  routes.get("/", async (context) => {
    await page();
    return context.html(html);
  });
  routes.get("/page.js", async (context) => {
    return context.body((await page()).script, 200, { "content-type": "text/javascript" });
  });
  routes.get("/page.css", async (context) => {
    return context.body((await page()).style, 200, { "content-type": "text/css" });
  });
  return routes;
}
