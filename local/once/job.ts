import type { ClerkClient } from "@clerk/backend";
import { createClient, FunctionsHttpError } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Printer } from "../printer.ts";
import type { RunningStack } from "../stack.ts";
import { createSteps, eventually } from "./steps.ts";
import { renderTable } from "./table.ts";

const rowSchema = z.looseObject({
  id: z.string(),
  clerk_id: z.string(),
  email: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  is_active: z.boolean(),
  deleted_at: z.string().nullable(),
});
type Row = z.infer<typeof rowSchema>;

const answerSchema = z.object({ message: z.string().optional(), user: rowSchema });
const refusalSchema = z.object({ error: z.object({ code: z.string() }) });

/**
 * Runs the main job from end to end, through the clients that an application uses. A user signs up in
 * Clerk, arrives as a row by webhook, signs in, is synchronised and read, changes, and is deleted.
 *
 * @throws the error of the first step that fails.
 */
export async function runMainJob(
  { values, schema }: Pick<RunningStack, "values" | "schema">,
  clerk: ClerkClient,
  printer: Printer,
): Promise<void> {
  const step = createSteps(printer);
  const snapshots: Record<string, unknown>[] = [];
  const admin = createClient(values.API_URL, values.SECRET_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const address = `sign-up-${crypto.randomUUID().slice(0, 8)}@example.com`;

  /** Waits until the webhook has made the row as expected. */
  async function rowWhere(id: string, expected: (row: Row) => boolean): Promise<Row> {
    return await eventually(async () => {
      const { data, error } = await admin.schema(schema).from("users").select()
        .eq("clerk_id", id).maybeSingle();
      if (error !== null) throw new Error(`PostgREST answered: ${error.message}`);
      if (data === null) return undefined;
      const row = rowSchema.parse(data);
      return expected(row) ? row : undefined;
    }, "The webhook did not bring the expected row. See clerk-webhook.log in the stack's logs");
  }

  const user = await step(
    `Sign-up: ${address} in Clerk`,
    () => clerk.users.createUser({ emailAddress: [address], firstName: "Ada", lastName: "Byron" }),
  );
  await step("Webhook user.created: the row arrives", async () => {
    const row = await rowWhere(user.id, ({ is_active }) => is_active);
    assert.equal(row.email, address);
    snapshots.push({ after: "sign-up", ...row });
  });

  const application = await step("Sign-in: a session and its token", async () => {
    const session = await clerk.sessions.createSession({ userId: user.id });
    const { jwt } = await clerk.sessions.getToken(session.id);
    return createClient(values.API_URL, values.PUBLISHABLE_KEY, {
      accessToken: () => Promise.resolve(jwt),
    });
  });
  await step("users-sync answers with the row", async () => {
    const { data, error } = await application.functions.invoke("users-sync");
    if (error !== null) throw await describe("users-sync", error);
    assert.equal(answerSchema.parse(data).user.clerk_id, user.id);
  });
  await step("users-me answers with the row", async () => {
    const { data, error } = await application.functions.invoke("users-me", { method: "GET" });
    if (error !== null) throw await describe("users-me", error);
    assert.equal(answerSchema.parse(data).user.email, address);
  });

  await step("Change: the last name in Clerk", async () => {
    await clerk.users.updateUser(user.id, { lastName: "Lovelace" });
  });
  await step("Webhook user.updated: the row follows", async () => {
    const row = await rowWhere(user.id, ({ last_name }) => last_name === "Lovelace");
    snapshots.push({ after: "change", ...row });
  });

  await step("Deletion: the user in Clerk", async () => {
    await clerk.users.deleteUser(user.id);
  });
  await step("Webhook user.deleted: the row stays, inactive", async () => {
    const row = await rowWhere(user.id, ({ is_active }) => !is_active);
    assert.notEqual(row.deleted_at, null);
    snapshots.push({ after: "deletion", ...row });
  });
  await step("users-me refuses the deleted user", async () => {
    const { error } = await application.functions.invoke("users-me", { method: "GET" });
    assert.ok(error instanceof FunctionsHttpError, "users-me still answers");
    const refusal = refusalSchema.parse(await error.context.json());
    assert.equal(refusal.error.code, "user_inactive");
  });

  const columns = ["after", "clerk_id", "email", "first_name", "last_name", "is_active"];
  printer.line();
  printer.line(renderTable([...columns, "deleted_at"], snapshots));
  printer.line();
}

async function describe(name: string, error: unknown): Promise<Error> {
  if (!(error instanceof FunctionsHttpError)) return new Error(`${name} failed: ${error}`);
  return new Error(`${name} answered ${error.context.status}: ${await error.context.text()}`);
}
