import type { Manifest } from "./manifest.ts";
import type { ReadFile } from "./project_file.ts";

/** What goes into the application, and where. */
export type Delivery = {
  readonly version: string;
  readonly schema: string;
  readonly prefix: string;
  /** The functions' files, by path. */
  readonly functions: ReadonlyMap<string, string>;
  /** The migrations' texts, by their names in this product. */
  readonly migrations: ReadonlyMap<string, string>;
  /** The application's own files that give way, with the commit that keeps them. */
  readonly replaced?: { readonly commit: string; readonly paths: readonly string[] };
};

/** What it comes into. */
export type Situation = {
  readonly read: ReadFile;
  readonly manifest: Manifest | undefined;
  /** Versions of migrations in the folder and in the database. */
  readonly versions: readonly string[];
  readonly now: Date;
};
