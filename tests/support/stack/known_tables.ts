import { eventually } from "../../../local/once/steps.ts";
import { runningStack } from "./running_stack.ts";

/** Waits until the API knows a table of schema public, or knows it no more: it hears of changes a moment later. */
export async function apiKnows(table: string, known: boolean): Promise<void> {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  await eventually(async () => {
    const response = await fetch(`${API_URL}/rest/v1/`, {
      headers: { apikey: SERVICE_ROLE_KEY, authorization: `Bearer ${SERVICE_ROLE_KEY}` },
    });
    const description = await response.text();
    return description.includes(`"/${table}"`) === known || undefined;
  }, `The API ${known ? "does not know" : "still knows"} ${table}`);
}
