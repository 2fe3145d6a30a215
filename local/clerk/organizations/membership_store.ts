import type { Storage } from "../storage/database.ts";
import { countRows } from "../storage/page.ts";
import { type MembershipDocument, membershipDocument } from "./document.ts";

/** Reads and writes memberships. Write only within a transaction. */
export interface MembershipStore {
  find(organizationId: string, userId: string): MembershipDocument | undefined;
  ofOrganization(organizationId: string): MembershipDocument[];
  ofUser(userId: string): MembershipDocument[];
  /** The organization's number of members. */
  count(organizationId: string): number;
  insert(membership: MembershipDocument): void;
  update(membership: MembershipDocument): void;
  delete(id: string): void;
}

/** Parses a membership's document from the database. */
export function parseMembership(document: unknown): MembershipDocument {
  return membershipDocument.parse(JSON.parse(String(document)));
}

/** Keeps memberships in the table `memberships`. */
export function createMembershipStore(storage: Storage): MembershipStore {
  function all(condition: string, value: string): MembershipDocument[] {
    return storage.all(
      `select document from memberships where ${condition} order by created_at, id`,
      value,
    ).map(({ document }) => parseMembership(document));
  }

  return {
    find(organizationId, userId) {
      const row = storage.get(
        "select document from memberships where organization_id = ? and user_id = ?",
        organizationId,
        userId,
      );
      return row && parseMembership(row.document);
    },
    ofOrganization: (organizationId) => all("organization_id = ?", organizationId),
    ofUser: (userId) => all("user_id = ?", userId),
    count: (organizationId) =>
      countRows(storage, "memberships", [{ sql: "organization_id = ?", values: [organizationId] }]),
    insert(membership) {
      storage.run(
        "insert into memberships (id, organization_id, user_id, document) values (?, ?, ?, ?)",
        membership.id,
        membership.organization_id,
        membership.user_id,
        JSON.stringify(membership),
      );
    },
    update(membership) {
      const document = JSON.stringify(membership);
      storage.run("update memberships set document = ? where id = ?", document, membership.id);
    },
    delete(id) {
      storage.run("delete from memberships where id = ?", id);
    },
  };
}
