/**
 * Exits with a message if this Deno is too old for the task. It runs before anything else is loaded,
 * because an older Deno's own errors, about the lock file or a missing export, help nobody.
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
