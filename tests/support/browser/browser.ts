import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { chromium } from "playwright-core";
import { browserAdvice, findBrowser } from "./find_browser.ts";

/** Nothing but this machine can be reached, and nothing runs in the background. */
const switches = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-blink-features=AutomationControlled",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/**
 * Starts a browser, whose folder is below TMPDIR and removed when it is closed.
 *
 * @throws Error that says how to get a browser, if there is none
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(`There is no browser. ${browserAdvice}`);
  // Chromium's sandbox refuses to be started by root.
  const args = Deno.uid() === 0 ? ["--no-sandbox", ...switches] : switches;
  return await chromium.launch({ executablePath, args });
}

/** Runs with a browser of its own. */
export async function withBrowser<Value>(
  run: (browser: Browser) => Promise<Value>,
): Promise<Value> {
  const browser = await startBrowser();
  try {
    return await run(browser);
  } finally {
    await browser.close();
  }
}

export interface ContextOptions extends BrowserContextOptions {
  /** Messages of the console that the test provokes. */
  readonly expectedErrors?: RegExp;
}

/**
 * Runs with cookies and storage of its own, for one or more tabs (`context.newPage()`).
 *
 * @throws Error with every error that a tab has logged or not caught
 */
export async function withContext<Value>(
  browser: Browser,
  { expectedErrors, ...options }: ContextOptions,
  run: (context: BrowserContext) => Promise<Value>,
): Promise<Value> {
  const context = await browser.newContext(options);
  const errors: string[] = [];
  const record = (error: string) => {
    if (!expectedErrors?.test(error)) errors.push(error);
  };
  context.on("console", (message) => {
    if (message.type() === "error") record(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (webError) => record(String(webError.error().stack)));
  try {
    const value = await run(context);
    if (errors.length > 0) throw new Error(`The page's console has errors:\n${errors.join("\n")}`);
    return value;
  } finally {
    await context.close();
  }
}
