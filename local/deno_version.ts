/**
 * Ends with a line where Deno is too old for what follows in a task. It runs before the rest is
 * loaded: what an older Deno says about the lock file or a missing export helps nobody.
 */
const minimum = [2, 7];

const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
const [neededMajor = 0, neededMinor = 0] = minimum;
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  const line = `This is Deno ${Deno.version.deno}, but ${minimum.join(".")} or newer is needed. ` +
    "Upgrade with `deno upgrade`, or run npx -y deno@2.9.6 task NAME\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  Deno.exit(1);
}
