/** What the page shows. All times are milliseconds since the epoch. */
export interface Snapshot {
  readonly stack: StackView;
  readonly clerk: ClerkView;
  readonly deliveries: DeliveriesView;
  readonly rows: readonly RowView[];
  readonly runs: readonly RunView[];
  readonly agreement: Agreement;
}

/** What does not change while the stack runs, and whether its parts are there. */
export interface StackView {
  /** Whether Clerk is the double. If not, the page only watches. */
  readonly double: boolean;
  readonly apiUrl: string;
  readonly clerkUp: boolean;
  readonly databaseUp: boolean;
}

/** The double's users and organizations, the newest first. */
export interface ClerkView {
  readonly users: readonly UserView[];
  readonly userCount: number;
  readonly organizations: readonly OrganizationView[];
  readonly burst: { readonly done: number; readonly total: number } | null;
}

export interface UserView {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly emails: readonly { readonly id: string; readonly address: string }[];
  readonly primaryEmailId: string | null;
  readonly banned: boolean;
}

export interface OrganizationView {
  readonly id: string;
  readonly name: string;
  readonly members: number;
}

/** A member of an organization. The page asks for them when it opens the organization. */
export interface MemberView {
  readonly userId: string;
  readonly name: string;
  /** Email address, phone number or username. */
  readonly identifier: string;
  /** `org:admin` or `org:member`. */
  readonly role: string;
}

export interface DeliveriesView {
  /** The newest first. */
  readonly latest: readonly DeliveryView[];
  /** Messages that wait: held back, or for their next attempt. */
  readonly waiting: number;
  /** Messages that have used up their attempts. */
  readonly failed: number;
  readonly held: boolean;
  /** Whether deliveries are signed with a secret that the webhook does not have. */
  readonly forged: boolean;
  /** Whether events are lost: no endpoint takes them. */
  readonly lost: boolean;
  /** The last minute, without the seconds in which nothing came. */
  readonly seconds: readonly DeliverySecond[];
}

export interface DeliveryView {
  /** The svix-id, or our own id for what did not come by webhook. */
  readonly id: string;
  readonly type: string;
  readonly attempt: number;
  /** HTTP status; null without an answer, and for deliveries that only the ledger knows. */
  readonly status: number | null;
  /** What became of it, in the words of the webhook or the ledger; for what waits, `held` or `waiting`. */
  readonly outcome: string;
  readonly verdict: "taken" | "refused" | "waiting";
  readonly at: number;
  /** Milliseconds from the event to the row. Null if it is not in a row. */
  readonly lag: number | null;
}

export interface DeliverySecond {
  readonly second: number;
  readonly taken: number;
  readonly refused: number;
  /** Milliseconds: the longest. Null if nothing was taken. */
  readonly lag: number | null;
}

export interface RowView {
  readonly kind: "user" | "organization" | "membership";
  readonly id: string;
  readonly name: string;
  /** Email address, slug or role. */
  readonly detail: string;
  readonly state: "active" | "banned" | "inactive" | "deleted";
  /** The columns that the last change changed; null for a new row. */
  readonly changed: readonly string[] | null;
  readonly at: number;
}

export interface RunView {
  readonly id: string;
  readonly kind: string;
  readonly repairs: boolean;
  readonly startedAt: number;
  readonly seconds: number | null;
  /** Null while it runs. */
  readonly outcome: string | null;
  readonly drift: number;
}

/** What the comparison of reconcile says now. */
export interface Agreement {
  readonly state: "unknown" | "comparing" | "agree" | "differ" | "failed";
  /** How many differ, by kind of difference; or why there was no comparison. */
  readonly detail: string;
}

/** The answer to an action. */
export interface ActionAnswer {
  readonly message: string;
  readonly token?: string;
}
