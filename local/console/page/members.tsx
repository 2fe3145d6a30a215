import type { Role } from "../action.ts";
import type { MemberView } from "../snapshot.ts";
import { Removable, RemovableList } from "./removable.tsx";

/** The roles that an organization has in Clerk from the start. */
export const roles: readonly { readonly id: Role; readonly text: string }[] = [
  { id: "org:member", text: "Member" },
  { id: "org:admin", text: "Admin" },
];

/** What is to become of members, by their user's id. Null: no member any more. */
export type MemberChanges = ReadonlyMap<string, Role | null>;

interface MembersProps {
  /** Undefined until they are read. */
  readonly members: readonly MemberView[] | undefined;
  /** Their number, for which there is room before they are read. */
  readonly count: number;
  readonly changes: MemberChanges;
  readonly onChange: (changes: MemberChanges) => void;
}

/** An organization's members in its form, each with the role and a button that removes them. */
export function Members({ members, count, changes, onChange }: MembersProps) {
  const change = (userId: string, role: Role | null | undefined) => {
    const next = new Map(changes);
    if (role === undefined) next.delete(userId);
    else next.set(userId, role);
    onChange(next);
  };
  if (members === undefined) {
    return (
      <RemovableList title="Members">
        {Array.from({ length: count }, (_, index) => <li key={index} aria-hidden="true" />)}
      </RemovableList>
    );
  }
  return (
    <RemovableList title="Members">
      {members.map(({ userId, name, identifier, role }) => {
        const changed = changes.get(userId);
        return (
          <Removable
            key={userId}
            name={name}
            detail={identifier}
            removed={changed === null}
            onChange={(removed) => change(userId, removed ? null : undefined)}
          >
            <select
              aria-label={`Role of ${name}`}
              value={changed ?? role}
              disabled={changed === null}
              onChange={({ currentTarget }) =>
                change(userId, roles.find(({ id }) => id === currentTarget.value)?.id)}
            >
              {roles.map(({ id, text }) => <option key={id} value={id}>{text}</option>)}
            </select>
          </Removable>
        );
      })}
    </RemovableList>
  );
}
