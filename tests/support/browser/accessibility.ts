import axe from "axe-core";
import type { Page } from "playwright-core";
import { z } from "zod";

const violations = z.array(z.object({
  id: z.string(),
  help: z.string(),
  nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
}));

/** What axe finds against WCAG 2.2 AA and its best practices: a line for each element, none if all is well. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // As an expression and not as a tag, which a page's Content-Security-Policy could refuse.
  await page.evaluate(axe.source);
  const found = violations.parse(
    await page.evaluate("axe.run().then((result) => result.violations)"),
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) =>
      `${id} (${help}): ${html}: ${failureSummary.replaceAll(/\s+/g, " ")}`
    )
  );
}
