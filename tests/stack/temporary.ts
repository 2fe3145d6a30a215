/** A folder that lasts as long as the test. Others may pass through it, as through any checkout. */
export async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "stack-test-" }));
  await Deno.chmod(folder, 0o755);
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Asks again until the answer is true; fails with what was awaited. */
export async function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  milliseconds = 10_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!await ask()) {
    if (Date.now() > deadline) throw new Error(`Waited ${milliseconds} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
