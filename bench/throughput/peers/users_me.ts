// The caller's row as people read it: verify the token, select.
import { verifyToken } from "@clerk/backend";
import { createClient } from "@supabase/supabase-js";

const headers = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, x-client-info, apikey, content-type",
};
const supabase = createClient(
  Deno.env.get("SUPABASE_URL") ?? "",
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY") ?? "",
);
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
  const { data, error } = await supabase.from("bench_users").select().eq("clerk_id", userId)
    .maybeSingle();
  if (error) return Response.json({ error: error.message }, { status: 500, headers });
  if (!data) return Response.json({ error: "Not found" }, { status: 404, headers });
  return Response.json({ user: data }, { headers });
});
