import { handledEvents } from "../handled_events.ts";
import {
  callSvix,
  findEndpoint,
  type FoundEndpoint,
  listEndpoints,
  type WantedEndpoint,
} from "../hosted/endpoints.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { openPortal, type SvixApp } from "../hosted/portal.ts";
import type { Deployment } from "./deployment.ts";

/** What Svix has of the webhook. All absent if the instance has no app. */
export interface SvixState {
  readonly app?: SvixApp;
  readonly endpoint?: FoundEndpoint | undefined;
  readonly endpoints: readonly FoundEndpoint[];
  /** Whether this run made the endpoint. */
  readonly created: boolean;
}

/** What Svix has, asked through one portal. */
export interface SvixAccess {
  /** What it has. Makes nothing. */
  find(): Promise<Outcome<SvixState>>;
  /** Makes the endpoint, switched off, and the app if there is none. */
  create(wanted: WantedEndpoint): Promise<Outcome<FoundEndpoint>>;
  /** Call it after a change. */
  forget(): void;
}

/** Enters Svix once, and keeps what it found until something changes. */
export function openSvix({ clerkAccess, wantedEndpoint }: Deployment): SvixAccess {
  let app: SvixApp | undefined;
  let state: SvixState | undefined;
  let created = false;

  async function enter(create: boolean): Promise<Outcome<SvixApp | undefined>> {
    if (app) return succeed(app);
    const opened = await openPortal(clerkAccess, create);
    if (opened.ok) app = opened.value;
    return opened;
  }

  return {
    async find() {
      if (state) return succeed(state);
      const wanted = await wantedEndpoint();
      if (!wanted.ok) return wanted;
      const entered = await enter(false);
      if (!entered.ok) return entered;
      if (!entered.value) return succeed({ endpoints: [], created });
      const listed = await listEndpoints(entered.value);
      if (!listed.ok) return listed;
      const endpoint = findEndpoint(listed.value, wanted.value);
      state = { app: entered.value, endpoint, endpoints: listed.value, created };
      return succeed(state);
    },

    async create({ uid, url }) {
      const entered = await enter(true);
      if (!entered.ok) return entered;
      if (!entered.value) return fail("Clerk has no Svix app for this instance", "Run it again");
      const { svix, appId } = entered.value;
      const made = await callSvix(() =>
        svix.endpoint.create(appId, {
          uid,
          url,
          description: "Keeps Supabase's tables in step",
          eventTypes: [...handledEvents],
          disabled: true,
        })
      );
      created = made.ok;
      state = undefined;
      return made;
    },

    forget() {
      state = undefined;
    },
  };
}
