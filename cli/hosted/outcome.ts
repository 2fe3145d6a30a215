/** Why something could not be done, as sentences without a final full stop. Neither holds a secret. */
export interface Problem {
  readonly what: string;
  /** The one thing to do next. */
  readonly next: string;
}

export interface Failed {
  readonly ok: false;
  readonly problem: Problem;
}

/** What became of an operation on a hosted service. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Failed;

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fail(what: string, next: string): Failed {
  return { ok: false, problem: { what, next } };
}
