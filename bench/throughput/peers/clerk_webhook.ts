// The webhook handler that people copy: verify, upsert, answer.
import { createClient } from "@supabase/supabase-js";
import { Webhook } from "svix";

interface UserEvent {
  type: string;
  data: {
    id: string;
    first_name: string | null;
    last_name: string | null;
    image_url: string | null;
    primary_email_address_id: string | null;
    email_addresses: { id: string; email_address: string }[];
  };
}

const supabase = createClient(
  Deno.env.get("SUPABASE_URL") ?? "",
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY") ?? "",
);
const webhook = new Webhook(Deno.env.get("CLERK_WEBHOOK_SECRET") ?? "");

Deno.serve(async (request) => {
  const body = await request.text();
  try {
    webhook.verify(body, Object.fromEntries(request.headers));
  } catch {
    return new Response("Invalid signature", { status: 400 });
  }
  const { type, data }: UserEvent = JSON.parse(body);
  if (type === "user.created" || type === "user.updated") {
    const primary = data.email_addresses.find(({ id }) => id === data.primary_email_address_id);
    const { error } = await supabase.from("bench_users").upsert({
      clerk_id: data.id,
      email: primary?.email_address,
      first_name: data.first_name,
      last_name: data.last_name,
      image_url: data.image_url,
      updated_at: new Date().toISOString(),
    }, { onConflict: "clerk_id" });
    if (error) return new Response(error.message, { status: 500 });
  }
  return new Response("OK");
});
