import { z } from "zod";

const milliseconds = z.int();

/** A session as the double stores it. */
export const sessionDocument = z.object({
  id: z.string(),
  user_id: z.string(),
  client_id: z.string(),
  /** `ended`: the user was deleted. `revoked`: the user was banned. */
  status: z.enum(["active", "pending", "ended", "revoked"]),
  /** The tokens' `azp`; null for none. */
  origin: z.string().nullable(),
  user_agent: z.string(),
  last_active_organization_id: z.string().nullable(),
  last_active_at: milliseconds,
  expire_at: milliseconds,
  abandon_at: milliseconds,
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type SessionDocument = z.infer<typeof sessionDocument>;
