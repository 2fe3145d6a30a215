import { z } from "zod";

const id = z.string().regex(/^\w+$/);
const name = z.string().trim().max(100);

const role = z.enum(["org:admin", "org:member"]);
export type Role = z.infer<typeof role>;

/** What a developer can have done with any Clerk. */
const stackAction = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("run"), kind: z.enum(["backfill", "reconcile"]) }),
  z.strictObject({ action: z.literal("compare") }),
  z.strictObject({ action: z.literal("database"), up: z.boolean() }),
]);

/** What only a double lets itself be told. */
const doubleAction = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("create_user"),
    first_name: name,
    last_name: name,
    emails: z.array(z.email()).max(2),
  }),
  z.strictObject({
    action: z.literal("change_user"),
    id,
    first_name: name,
    last_name: name,
    /** Null: as it was. `added`: the address that is added. */
    primary_email_id: id.nullable(),
    added_email: z.email().nullable(),
    removed_email_ids: z.array(id),
  }),
  z.strictObject({ action: z.literal("ban_user"), id, banned: z.boolean() }),
  z.strictObject({ action: z.literal("delete_user"), id }),
  z.strictObject({ action: z.literal("create_organization"), name, created_by: id.nullable() }),
  z.strictObject({
    action: z.literal("change_organization"),
    id,
    name,
    /** Only those who are to change. Null: no member any more. */
    members: z.array(z.strictObject({ user_id: id, role: role.nullable() })),
  }),
  z.strictObject({ action: z.literal("delete_organization"), id }),
  z.strictObject({ action: z.literal("burst"), users: z.int().min(1).max(1_000) }),
  z.strictObject({ action: z.literal("hold") }),
  z.strictObject({ action: z.literal("release"), newest_first: z.boolean() }),
  z.strictObject({ action: z.literal("forge"), on: z.boolean() }),
  z.strictObject({ action: z.literal("lose"), on: z.boolean() }),
  z.strictObject({ action: z.literal("resend"), id }),
  z.strictObject({ action: z.literal("deliver_now") }),
  z.strictObject({ action: z.literal("clerk"), up: z.boolean() }),
  z.strictObject({ action: z.literal("token"), user_id: id }),
]);

export const anyAction = z.union([stackAction, doubleAction]);
export type StackAction = z.output<typeof stackAction>;
export type DoubleAction = z.output<typeof doubleAction>;
/** As the page sends it. */
export type Action = z.input<typeof anyAction>;
