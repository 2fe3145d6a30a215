/** Makes the console's pictures in docs/pictures/: in a burst, light and dark. Needs no network. */
import { keepLoopbackDirect } from "../../local/direct_loopback.ts";
import { createLocalClerkClient } from "../../local/clerk_client.ts";
import { seedOnce } from "../../local/seed/seed.ts";
import { withBrowser } from "../support/browser/browser.ts";
import { pause } from "../support/eventually.ts";
import { takePictures } from "../support/browser/picture.ts";
import { recordDigest } from "../support/browser/picture_sources.ts";
import { withOwnStack } from "../support/stack/own_stack.ts";
import { inTab } from "./console_page.ts";

const size = { width: 1440, height: 1240 };

keepLoopbackDirect();
await withOwnStack({}, async ({ stack }) => {
  await seedOnce(stack, await createLocalClerkClient(stack.values));
  await withBrowser((browser) =>
    inTab(browser, { viewport: size, timezoneId: "UTC" }, async (console) => {
      const { page, press, button, delivery, marks } = console;
      const burst = async (users: number) => {
        await page.getByLabel("Number of users").fill(String(users));
        await press("Burst");
        await page.getByText(`${users} users are on their way`).waitFor();
      };
      for (const users of [30, 80, 50, 120, 40, 90]) {
        await burst(users);
        await button("Burst").waitFor();
        await marks("In agreement");
        // The plot shows a minute, and a burst on an idle machine takes a second.
        await pause(5_000);
      }
      await press("Wrong signature");
      await burst(20);
      await delivery("invalid_signature").waitFor();
      await press("Wrong signature");
      await press("Deliver now");
      await marks("In agreement");
      await press("Reconcile and repair");
      await page.getByText("The run ended").waitFor();
      await page.getByText("clean", { exact: true }).waitFor();
      await burst(400);
      await page.getByText(/^[123]\d\d of 400$/).waitFor();
      await marks("They differ");
      await takePictures(page, "console");
    })
  );
});
await recordDigest("console");
Deno.exit(0);
