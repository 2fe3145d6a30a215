import { type Choice, createdAt, plain, publicMetadata } from "./choice.ts";

/** What an organization may hold, by part. */
export const organizationParts: readonly (readonly Choice[])[] = [
  plain("name", ["Engines", "Engine", "engines", ""]),
  [...plain("slug", ["engines", "engines-2", null]), { clerk: {}, columns: { slug: null } }],
  plain("image_url", [null, "https://img.example.com/engines.png"]),
  plain("created_by", ["user_founder", "user_other", null]),
  publicMetadata,
  createdAt,
];
