/** Clerk has given no session token in time, or failed to. */
export class ClerkSilence extends Error {
  override readonly name = "ClerkSilence";

  constructor(options?: ErrorOptions) {
    super("Clerk isn’t answering", options);
  }
}
