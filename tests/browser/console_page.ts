import type { Browser, Locator, Page } from "playwright-core";
import { type ContextOptions, withContext } from "../support/browser/browser.ts";
import { watchLayoutShift } from "../support/browser/layout_shift.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Milliseconds: a busy machine is slow. */
const patience = 30_000;

/** The console in a tab, and what tests look for in it. */
export interface ConsolePage {
  readonly page: Page;
  button(name: string): Locator;
  /** Presses a button, by its name. */
  press(name: string): Promise<void>;
  /** Delivered, waiting or refused: the entry with all these words that came last. */
  delivery(...words: readonly string[]): Locator;
  row(...words: readonly string[]): Locator;
  /** The mark that says whether both sides agree. */
  readonly mark: Locator;
  /** Waits until the mark says this. */
  marks(words: "In agreement" | "They differ" | "Cannot compare"): Promise<void>;
  /** Signs a user up in the page's form. Returns the user's last name, which nobody else has. */
  createUser(): Promise<string>;
}

/** Runs with the console open in a new tab, and with both sides in agreement. */
export async function inTab(
  browser: Browser,
  options: ContextOptions,
  run: (console: ConsolePage) => Promise<void>,
): Promise<void> {
  await withContext(browser, options, async (context) => {
    context.setDefaultTimeout(patience);
    await watchLayoutShift(context);
    const page = await context.newPage();
    await page.goto(runningStack().CONSOLE_URL);
    const console = consoleOn(page);
    await console.marks("In agreement");
    await run(console);
  });
}

function consoleOn(page: Page): ConsolePage {
  const mark = page.getByRole("status", { name: "Clerk and the rows" });
  const entry = (list: string, words: readonly string[]) =>
    words.reduce(
      (found, text) => found.filter({ hasText: text }),
      page.getByRole("region", { name: list }).getByRole("listitem"),
    ).first();
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  return {
    page,
    mark,
    button,
    press: (name) => button(name).click(),
    delivery: (...words) => entry("Deliveries, the newest first", words),
    row: (...words) => entry("Rows, the last changed first", words),
    marks: (words) => mark.filter({ hasText: words }).waitFor(),
    async createUser() {
      const lastName = `Lovelace-${crypto.randomUUID().slice(0, 8)}`;
      await button("New user").click();
      await page.getByLabel("First name").fill("Ada");
      await page.getByLabel("Last name").fill(lastName);
      await page.getByLabel("Email address", { exact: true }).fill(`${lastName}@example.com`);
      await page.getByLabel("Second email address").fill(`${lastName}@example.org`);
      await button("Create").click();
      await page.getByRole("button", { name: lastName }).waitFor();
      return lastName;
    },
  };
}
