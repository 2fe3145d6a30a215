import { z } from "zod";
import { type MembershipDocument, membershipDocument } from "./document.ts";
import type { Row, Storage } from "../storage/database.ts";

const count = z.object({ total: z.int() });

/** Reads and writes memberships. Writes belong inside a transaction. */
export interface MembershipStore {
  find(organizationId: string, userId: string): MembershipDocument | undefined;
  ofOrganization(organizationId: string): MembershipDocument[];
  ofUser(userId: string): MembershipDocument[];
  /** How many members the organization has. */
  count(organizationId: string): number;
  insert(membership: MembershipDocument): void;
  update(membership: MembershipDocument): void;
  delete(id: string): void;
}

/** Reads one membership of the database. */
export function parseMembership({ document }: Row): MembershipDocument {
  return membershipDocument.parse(JSON.parse(String(document)));
}

/** Keeps memberships in the table of that name. */
export function createMembershipStore(storage: Storage): MembershipStore {
  return {
    find(organizationId, userId) {
      const row = storage.get(
        "select document from memberships where organization_id = ? and user_id = ?",
        organizationId,
        userId,
      );
      return row === undefined ? undefined : parseMembership(row);
    },
    ofOrganization(organizationId) {
      return storage.all(
        "select document from memberships where organization_id = ? order by created_at, id",
        organizationId,
      ).map(parseMembership);
    },
    ofUser(userId) {
      return storage.all(
        "select document from memberships where user_id = ? order by created_at, id",
        userId,
      ).map(parseMembership);
    },
    count(organizationId) {
      const row = storage.get(
        "select count(*) as total from memberships where organization_id = ?",
        organizationId,
      );
      return count.parse(row).total;
    },
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
      storage.run(
        "update memberships set document = ? where id = ?",
        JSON.stringify(membership),
        membership.id,
      );
    },
    delete(id) {
      storage.run("delete from memberships where id = ?", id);
    },
  };
}
