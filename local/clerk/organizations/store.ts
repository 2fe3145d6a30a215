import type { Storage } from "../storage/database.ts";
import { type OrganizationDocument, organizationDocument } from "./document.ts";

/** Reads and writes organizations. Write only within a transaction. */
export interface OrganizationStore {
  find(id: string): OrganizationDocument | undefined;
  findBySlug(slug: string): OrganizationDocument | undefined;
  insert(organization: OrganizationDocument): void;
  update(organization: OrganizationDocument): void;
  /** Deletes the organization and its memberships. */
  delete(id: string): void;
}

/** Parses an organization's document from the database. */
export function parseOrganization(document: unknown): OrganizationDocument {
  return organizationDocument.parse(JSON.parse(String(document)));
}

/** Keeps organizations in the table `organizations`. */
export function createOrganizationStore(storage: Storage): OrganizationStore {
  return {
    find(id) {
      const row = storage.get("select document from organizations where id = ?", id);
      return row && parseOrganization(row.document);
    },
    findBySlug(slug) {
      const row = storage.get("select document from organizations where slug = ?", slug);
      return row && parseOrganization(row.document);
    },
    insert(organization) {
      const document = JSON.stringify(organization);
      storage.run(
        "insert into organizations (id, document) values (?, ?)",
        organization.id,
        document,
      );
    },
    update(organization) {
      const document = JSON.stringify(organization);
      storage.run("update organizations set document = ? where id = ?", document, organization.id);
    },
    delete(id) {
      storage.run("delete from organizations where id = ?", id);
    },
  };
}
