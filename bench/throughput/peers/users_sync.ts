// The caller's row as people write it on sign-in: verify the token, read the user from Clerk, upsert.
import { createClerkClient, verifyToken } from "@clerk/backend";
import { createClient } from "@supabase/supabase-js";

const headers = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, x-client-info, apikey, content-type",
};
const supabase = createClient(
  Deno.env.get("SUPABASE_URL") ?? "",
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY") ?? "",
);
const clerk = createClerkClient({
  secretKey: Deno.env.get("CLERK_SECRET_KEY") ?? "",
  apiUrl: Deno.env.get("CLERK_API_URL") ?? "",
});
const jwtKey = Deno.env.get("CLERK_JWT_KEY") ?? "";

Deno.serve(async (request) => {
  if (request.method === "OPTIONS") return new Response("OK", { headers });
  const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  let userId;
  try {
    userId = (await verifyToken(token, { jwtKey })).sub;
  } catch {
    return Response.json({ error: "Unauthorized" }, { status: 401, headers });
  }
  const user = await clerk.users.getUser(userId);
  const { data, error } = await supabase.from("bench_users").upsert({
    clerk_id: user.id,
    email: user.primaryEmailAddress?.emailAddress,
    first_name: user.firstName,
    last_name: user.lastName,
    image_url: user.imageUrl,
    updated_at: new Date().toISOString(),
  }, { onConflict: "clerk_id" }).select().single();
  if (error) return Response.json({ error: error.message }, { status: 500, headers });
  return Response.json({ user: data }, { headers });
});
