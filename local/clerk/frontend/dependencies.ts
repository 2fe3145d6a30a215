import type { Context } from "../context.ts";
import type { Organizations } from "../organizations/room.ts";
import type { Sessions } from "../sessions/room.ts";
import type { Users } from "../users/room.ts";
import type { Browsers } from "./browser.ts";
import type { FrontendView } from "./view.ts";

/** What the routes of the Frontend API need. */
export interface FrontendDependencies extends Context {
  readonly browsers: Browsers;
  readonly view: FrontendView;
  readonly users: Users;
  readonly organizations: Organizations;
  readonly sessions: Sessions;
}
