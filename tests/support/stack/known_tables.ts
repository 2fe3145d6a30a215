import { eventually } from "../eventually.ts";
import { runningStack } from "./running_stack.ts";

/**
 * Waits until the API knows these tables and functions (rpc/…) of schema public, or has forgotten them. It
 * lists those that the token's role may use.
 */
export async function apiKnows(
  tables: readonly string[],
  known = true,
  token = runningStack().SERVICE_ROLE_KEY,
): Promise<void> {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  await eventually(`the API ${known ? "knows" : "has forgotten"} ${tables}`, async () => {
    const response = await fetch(`${API_URL}/rest/v1/`, {
      headers: { apikey: SERVICE_ROLE_KEY, authorization: `Bearer ${token}` },
    });
    const description = await response.text();
    return tables.every((table) => description.includes(`"/${table}"`) === known);
  }, 30_000);
}
