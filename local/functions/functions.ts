import { createPart, type Part, type PartSurroundings } from "../supervisor/part.ts";
import { discoverFunctions } from "./configuration.ts";
import { type FunctionProcessOptions, specifyFunction } from "./process.ts";
import { type Change, type SourceWatch, watchSources } from "./watch.ts";

/** The functions of a project, each in a process of its own. */
export type Functions = {
  /** By name. */
  readonly parts: ReadonlyMap<string, Part>;
  /**
   * Starts them all, on demand at their first request. Reports a function that does not start, and leaves it
   * until its files change.
   */
  start(): Promise<void>;
  /**
   * Returns undefined for an unknown function. The returned call waits for the function to answer and
   * gives its port, or undefined if it does not start.
   */
  port(name: string): (() => Promise<number | undefined>) | undefined;
  stop(): Promise<void>;
};

/** How long a request waits for a function that is starting, in ms. */
const bootPatience = 10_000;

/**
 * Creates the functions of a project. With `watch`, they restart when their files change. With `onDemand`, each
 * starts when somebody asks for its port.
 */
export function createFunctions(
  options: FunctionProcessOptions,
  surroundings: (name: string) => PartSurroundings,
  { watch, onDemand = false, print }: {
    watch: boolean;
    onDemand?: boolean;
    print(line: string): void;
  },
): Functions {
  const parts = new Map<string, Part>();
  const ports = new Map<string, () => Promise<number | undefined>>();
  let sourceWatch: SourceWatch | undefined;
  let stopped = false;

  async function startMissing() {
    const found = await discoverFunctions(options.project);
    // stop() was called during the discovery and ended no parts, so nobody would end new ones.
    if (stopped) throw new Error("The functions were stopped");
    const missing = found.filter(({ name }) => !parts.has(name));
    await Promise.all(missing.map(async (configuration) => {
      const { name } = configuration;
      const specification = specifyFunction(configuration, options);
      const part = createPart({ ...specification, onDemand }, surroundings(name));
      parts.set(name, part);
      ports.set(name, async () => {
        // The platform replaces a function atomically. Here a request waits for the restart instead.
        const answers = await part.ready(bootPatience).then(() => true, () => false);
        return answers ? specification.port() : undefined;
      });
      await part.start();
    }));
  }

  async function reload(changes: Change[]) {
    const names = changes.includes("all")
      ? new Set(parts.keys())
      : new Set(changes.flatMap((change) => change === "all" ? [] : [change.name]));
    await Promise.all([...names].map(async (name) => {
      const part = parts.get(name);
      // A part that stays down has already printed why.
      await part?.restart().then(() => print(`${name} reloaded`), () => {});
    }));
    await startMissing();
  }

  return {
    parts,
    start: async () => {
      await Deno.mkdir(options.directory, { recursive: true });
      await startMissing();
      if (!watch || stopped) return;
      try {
        sourceWatch = watchSources(options.project, (changes) => {
          void reload(changes).catch((error) => print(`Could not reload: ${error.message}`));
        });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        print(
          `The functions' files cannot be watched (${reason}). Restart the stack after a change`,
        );
      }
    },
    port: (name) => ports.get(name),
    stop: async () => {
      stopped = true;
      sourceWatch?.close();
      await Promise.all([...parts.values()].map((part) => part.stop()));
    },
  };
}
