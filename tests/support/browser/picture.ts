import { join } from "node:path";
import type { Page } from "playwright-core";
import { checkout } from "../../../local/options.ts";

/** Takes pictures of what the tab shows now, in both colour schemes, for docs/pictures/. */
export async function takePictures(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // A fifth of a PNG.
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
    const path = join(checkout, "docs", "pictures", `${name}-${colorScheme}.webp`);
    await Deno.writeFile(path, Uint8Array.fromBase64(data));
  }
}
