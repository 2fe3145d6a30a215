import { delimiter, join } from "node:path";

/** What Chromium and Chrome are called. First the one without windows, which takes half of the time. */
const names = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];

const applications = ["Chromium", "Google Chrome"]
  .map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** What to tell somebody who has no browser. */
export const browserAdvice =
  "Install Chromium (apt-get install chromium-headless-shell, or chromium) " +
  "or Chrome, or name one that you have in CHROMIUM";

/** The file of Chromium or Chrome: the one in CHROMIUM, else a usual one; undefined if there is none. */
export function findBrowser(): string | undefined {
  const chosen = Deno.env.get("CHROMIUM");
  if (chosen) return chosen;
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...applications]
    .find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
