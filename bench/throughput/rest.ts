import { httpText } from "./http_text.ts";

/** The floor: what PostgREST itself does, asked without any function. */
export interface Rest {
  /** Upserts the row that the peer writes. */
  upserts(ids: readonly string[]): readonly string[];
  /** Reads the row that the peer reads. */
  reads(ids: readonly string[]): readonly string[];
}

export function createRest(table: string, key: string): Rest {
  const credentials = { apikey: key, authorization: `Bearer ${key}` };
  return {
    upserts: (ids) =>
      ids.map((id) =>
        httpText(
          "POST",
          `/rest/v1/${table}?on_conflict=clerk_id`,
          {
            ...credentials,
            "content-type": "application/json",
            prefer: "resolution=merge-duplicates,return=minimal",
          },
          JSON.stringify({
            clerk_id: id,
            email: `${id}@example.com`,
            first_name: "Ada",
            last_name: "Lovelace",
            image_url: "https://img.clerk.com/ada",
            updated_at: new Date().toISOString(),
          }),
        )
      ),
    reads: (ids) =>
      ids.map((id) => httpText("GET", `/rest/v1/${table}?clerk_id=eq.${id}`, credentials)),
  };
}
