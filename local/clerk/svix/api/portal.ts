import type { Storage } from "../../storage/database.ts";
import { newId } from "../../ids.ts";
import { z } from "zod";

/** The region of the double's Svix, as the portal's address names it. */
const region = "eu";

/** The Svix app of the instance, and the tokens that open it. */
export interface Portal {
  /** Undefined until it is created. */
  appId(): string | undefined;
  createApp(): string;
  /** The portal's address for a browser. Its fragment has a token that works once. */
  addressOf(appId: string, origin: string): string;
  /** The token of the API for a token that works once; undefined if that is used or unknown. */
  exchange(oneTimeToken: string): string | undefined;
  /** Whether this is a token of the API. */
  admits(token: string): boolean;
}

const appRow = z.object({ id: z.string() });

/** Keeps the app in the table `svix_apps`. The tokens end with the process. */
export function createPortal(storage: Storage, now: () => number): Portal {
  const unused = new Set<string>();
  const tokens = new Set<string>();
  const find = () => appRow.optional().parse(storage.get("select id from svix_apps"))?.id;

  return {
    appId: find,
    createApp() {
      const id = find() ?? newId("app", now());
      storage.run("insert or ignore into svix_apps (id) values (?)", id);
      return id;
    },
    addressOf(appId, origin) {
      const oneTimeToken = secretText();
      unused.add(oneTimeToken);
      const key = new TextEncoder().encode(JSON.stringify({ appId, oneTimeToken, region }))
        .toBase64();
      return `${origin}/login#key=${key}`;
    },
    exchange(oneTimeToken) {
      if (!unused.delete(oneTimeToken)) return undefined;
      const token = `appsk_${secretText()}.${region}`;
      tokens.add(token);
      return token;
    },
    admits: (token) => tokens.has(token),
  };
}

function secretText(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toHex();
}
