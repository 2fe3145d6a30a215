/** Makes the example's pictures in docs/pictures/: Ada is signed in, light and dark. */
import { keepLoopbackDirect } from "../../local/direct_loopback.ts";
import { createLocalClerkClient } from "../../local/clerk_client.ts";
import { seedOnce } from "../../local/seed/seed.ts";
import { withBrowser, withContext } from "../support/browser/browser.ts";
import { serveExample, signInOnPage } from "../support/browser/example.ts";
import { takePictures } from "../support/browser/picture.ts";
import { recordDigest } from "../support/browser/picture_sources.ts";
import { withOwnStack } from "../support/stack/own_stack.ts";

keepLoopbackDirect();
await withOwnStack({}, async ({ stack }) => {
  await seedOnce(stack, await createLocalClerkClient(stack.values));
  const example = await serveExample(stack.directory);
  try {
    await withBrowser((browser) =>
      withContext(browser, { viewport: { width: 900, height: 800 } }, async (context) => {
        const page = await context.newPage();
        await page.goto(example.url);
        await signInOnPage(page, "ada@example.com");
        await takePictures(page, "example");
      })
    );
  } finally {
    await example.stop();
  }
});
await recordDigest("example");
Deno.exit(0);
