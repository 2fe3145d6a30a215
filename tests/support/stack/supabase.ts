import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../../supabase/functions/_shared/database/database.types.ts";
import { runningStack } from "./running_stack.ts";

const options = {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
};

/** A frontend's client, with the public key and, if somebody is signed in, Clerk's token. */
export function frontend(token?: string) {
  const { API_URL, ANON_KEY } = runningStack();
  return createClient<Database>(API_URL, ANON_KEY, {
    ...(token === undefined ? options : { accessToken: () => Promise.resolve(token) }),
  });
}

/** The client of the application's server. */
export function backend() {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  return createClient<Database>(API_URL, SERVICE_ROLE_KEY, options);
}

/** The user's row, or null. */
export async function readRow(clerkId: string) {
  const { data } = await backend().from("users").select().eq("clerk_id", clerkId).maybeSingle()
    .throwOnError();
  return data;
}

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    request_id: z.string(),
  }),
});

/** A function's answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The error in an answer. Throws if there is none. */
export function errorOf(answer: Answer): z.infer<typeof errorBody>["error"] {
  return errorBody.parse(answer.body).error;
}

/** A plain request to a function, as curl sends it. */
export async function call(name: string, request: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${runningStack().API_URL}/functions/v1/${name}`, request);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** A plain request with a bearer token. */
export function callWithToken(name: string, token: string, method = "POST"): Promise<Answer> {
  return call(name, { method, headers: { authorization: `Bearer ${token}` } });
}
