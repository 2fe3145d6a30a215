/** A plan's changes as they come together. */
export type Draft = {
  /** Each file's text afterwards, by path; null removes it. */
  readonly after: Map<string, string | null>;
  /** The hashes of the files that the installation owns, by path. */
  readonly files: Record<string, string>;
  /** What the user should know. */
  readonly notes: string[];
};
