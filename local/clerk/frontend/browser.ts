import type { Context as Request } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Context } from "../context.ts";
import { newId } from "../ids.ts";
import type { ClientDocument } from "./document.ts";
import type { ClientStore } from "./store.ts";

/** Clerk's name for the cookie that a page's scripts cannot read. */
const cookie = "__client";
/** Seconds. */
const year = 31_536_000;

/** The browser that sends a request. */
export interface Browser {
  readonly client: ClientDocument;
  /** Stores what changes of the client, and returns the changed one. */
  change(change: Partial<ClientDocument>): ClientDocument;
}

export interface Browsers {
  /** The browser that sends a request, if it has been here before. */
  known(request: Request): Browser | undefined;
  /** The browser that sends a request. A new one gets its cookie with the answer. */
  of(request: Request): Browser;
}

/** Knows a browser by its cookie. */
export function createBrowsers({ now }: Context, clientStore: ClientStore): Browsers {
  function browser(token: string, client: ClientDocument): Browser {
    return {
      client,
      change(change) {
        const changed = { ...client, ...change, updated_at: now() };
        clientStore.put(token, changed);
        return changed;
      },
    };
  }

  function known(request: Request): Browser | undefined {
    const token = getCookie(request, cookie);
    const client = token === undefined ? undefined : clientStore.find(token);
    return token !== undefined && client ? browser(token, client) : undefined;
  }

  return {
    known,
    of(request) {
      const found = known(request);
      if (found) return found;
      const at = now();
      const token = crypto.getRandomValues(new Uint8Array(32)).toHex();
      const client = {
        id: newId("client", at),
        sign_in: null,
        sign_up: null,
        last_active_session_id: null,
        created_at: at,
        updated_at: at,
      };
      clientStore.put(token, client);
      setCookie(request, cookie, token, {
        httpOnly: true,
        maxAge: year,
        path: "/",
        sameSite: "Lax",
      });
      return browser(token, client);
    },
  };
}
