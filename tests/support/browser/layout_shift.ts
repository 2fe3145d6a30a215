import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";

/** Counts how far things move in every page that the context opens from now on. */
export async function watchLayoutShift(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    globalThis.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.textContent ?? "");
        layoutShifts.push(entry.value.toFixed(4) + " " + moved.join(" | "));
      }
    }).observe({ type: "layout-shift", buffered: true });
  `);
}

/** What moved in the page without the reader having done anything, each with its score. */
export async function layoutShifts(page: Page): Promise<string[]> {
  return z.array(z.string()).parse(await page.evaluate("layoutShifts"));
}
