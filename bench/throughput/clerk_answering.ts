// Clerk's Backend API for the measured functions, in a process of its own: every user exists, and the
// answer takes as long as DELAY says, in milliseconds.
import { userJson } from "./users.ts";

const delay = Number(Deno.env.get("DELAY"));

Deno.serve(async (request) => {
  const id = new URL(request.url).pathname.split("/").at(-1) ?? "";
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  return Response.json(userJson(id));
});
