import { type OrganizationDocument, organizationDocument } from "./document.ts";
import type { Storage } from "../storage/database.ts";

/** Reads and writes organizations. Writes belong inside a transaction. */
export interface OrganizationStore {
  find(id: string): OrganizationDocument | undefined;
  findBySlug(slug: string): OrganizationDocument | undefined;
  insert(organization: OrganizationDocument): void;
  update(organization: OrganizationDocument): void;
  /** Deletes the organization with its memberships. */
  delete(id: string): void;
}

/** Reads one organization of the database. */
export function parseOrganization(document: unknown): OrganizationDocument {
  return organizationDocument.parse(JSON.parse(String(document)));
}

/** Keeps organizations in the table of that name. */
export function createOrganizationStore(storage: Storage): OrganizationStore {
  return {
    find(id) {
      const row = storage.get("select document from organizations where id = ?", id);
      return row === undefined ? undefined : parseOrganization(row.document);
    },
    findBySlug(slug) {
      const row = storage.get("select document from organizations where slug = ?", slug);
      return row === undefined ? undefined : parseOrganization(row.document);
    },
    insert(organization) {
      storage.run(
        "insert into organizations (id, document) values (?, ?)",
        organization.id,
        JSON.stringify(organization),
      );
    },
    update(organization) {
      storage.run(
        "update organizations set document = ? where id = ?",
        JSON.stringify(organization),
        organization.id,
      );
    },
    delete(id) {
      storage.run("delete from organizations where id = ?", id);
    },
  };
}
