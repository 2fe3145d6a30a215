import type { Storage } from "./storage/database.ts";

/** What all of the double works with. */
export interface Context {
  readonly storage: Storage;
  /** `ins_…`, as the events name it. */
  readonly instanceId: string;
  /** The tokens' `iss`, given the address of a request. */
  readonly issuerOf: (url: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
