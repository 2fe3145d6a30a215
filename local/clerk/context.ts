import type { Storage } from "./storage/database.ts";

/** What every room of the double needs. */
export interface Context {
  readonly storage: Storage;
  /** `ins_…`, as the events name it. */
  readonly instanceId: string;
  /** The tokens' `iss`, from the address of a request. */
  readonly issuerOf: (url: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
