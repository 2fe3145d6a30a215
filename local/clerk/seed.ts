import type { Storage } from "./storage.ts";
import { newIdentification } from "./user_changes.ts";
import { blankUser } from "./user_document.ts";
import { newId } from "./ids.ts";
import type { UserStore } from "./user_store.ts";

const FIRST_NAMES = [
  "Ada",
  "Björn",
  "Chiara",
  "Dmitri",
  "Eiko",
  "Fatima",
  "Grace",
  "Hồng",
] as const;
const LAST_NAMES = ["Almeida", "Berg", "Çelik", "Dubois", "Eriksen", "Fischer", "García"] as const;
const SPACING_MS = 1_000;

/**
 * Adds many users at once, as an instance has them that is older than its webhook: no events.
 * They were created a second apart, the last one now; each has one verified e-mail address that
 * `seed` and its number make unique.
 */
export function seedUsers(options: {
  storage: Storage;
  users: UserStore;
  now: () => number;
  count: number;
  seed: number;
}): void {
  const { storage, users, count, seed } = options;
  const last = options.now();
  storage.transaction(() => {
    for (let number = 0; number < count; number++) {
      const at = last - (count - 1 - number) * SPACING_MS;
      const email = newIdentification(`user-${seed}-${number}@example.com`, "verified", at);
      users.insert({
        ...blankUser(newId("user", at), at, at),
        first_name: FIRST_NAMES[number % FIRST_NAMES.length] ?? null,
        last_name: LAST_NAMES[number % LAST_NAMES.length] ?? null,
        email_addresses: [email],
        primary_email_address_id: email.id,
        public_metadata: { plan: number % 10 === 0 ? "pro" : "free" },
      });
    }
  });
}
