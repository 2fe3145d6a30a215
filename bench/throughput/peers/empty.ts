// What starting Deno itself takes.
Deno.serve(() => new Response("OK"));
