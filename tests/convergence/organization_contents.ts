import { type Choice, createdAt, plain, publicMetadata } from "./choice.ts";

/** What an organization may hold, by part. */
export const organizationParts: readonly (readonly Choice[])[] = [
  plain((name) => ({ name }), "Engines", "Engine", "engines", ""),
  [...plain((slug) => ({ slug }), "engines", "engines-2", null), {
    clerk: {},
    columns: { slug: null },
  }],
  plain((image_url) => ({ image_url }), null, "https://img.example.com/engines.png"),
  plain((created_by) => ({ created_by }), "user_founder", "user_other", null),
  publicMetadata,
  createdAt,
];
