import { useState } from "preact/hooks";
import type { ClerkView, OrganizationView, UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { EditUser } from "./edit_user.tsx";
import { OrganizationDialog } from "./organization_dialog.tsx";
import { Empty, Panel } from "./panel.tsx";
import { moveFocus } from "./move_focus.tsx";
import { NewUser } from "./new_user.tsx";

export function nameOf({ firstName, lastName, id }: UserView): string {
  return [firstName, lastName].filter((name) => name !== "").join(" ") || id;
}

export function emailOf({ emails, primaryEmailId }: UserView): string {
  return emails.find(({ id }) => id === primaryEmailId)?.address ?? "no email address";
}

type Open =
  | { readonly kind: "user"; readonly user: UserView | undefined }
  | { readonly kind: "organization"; readonly organization: OrganizationView | undefined };

interface ClerkProps {
  readonly clerk: ClerkView | undefined;
  readonly up: boolean;
  readonly act: Act;
}

/** Clerk's side: users and organizations, to change as the dashboard or the users would. */
export function Clerk({ clerk, up, act }: ClerkProps) {
  const [open, setOpen] = useState<Open>();
  const { users = [], userCount = 0, organizations = [] } = clerk ?? {};
  const note = !up ? "Clerk is down" : `${userCount} ${userCount === 1 ? "user" : "users"}`;
  const close = () => setOpen(undefined);
  return (
    <Panel id="clerk" title="Clerk" note={note}>
      <div class="bar">
        <button
          type="button"
          disabled={!up}
          onClick={() => setOpen({ kind: "user", user: undefined })}
        >
          New user
        </button>
        <button
          type="button"
          disabled={!up}
          onClick={() => setOpen({ kind: "organization", organization: undefined })}
        >
          New organization
        </button>
      </div>
      <ul class="scroll list" aria-label="Users, the newest first" onKeyDown={moveFocus}>
        {clerk !== undefined && users.length === 0 && <Empty>Nobody has signed up yet.</Empty>}
        {users.map((user, index) => (
          <li key={index}>
            <button
              type="button"
              class="item"
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => setOpen({ kind: "user", user })}
            >
              <b>{nameOf(user)}</b>
              <span>{user.banned && <span class="tag bad">banned</span>}</span>
              <span class="details">{emailOf(user)}</span>
            </button>
          </li>
        ))}
      </ul>
      <h3>Organizations</h3>
      <ul
        class="scroll list short"
        aria-label="Organizations, the newest first"
        onKeyDown={moveFocus}
      >
        {clerk !== undefined && organizations.length === 0 && <Empty>None yet.</Empty>}
        {organizations.map((organization, index) => (
          <li key={index}>
            <button
              type="button"
              class="item"
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => setOpen({ kind: "organization", organization })}
            >
              <b>{organization.name}</b>
              <span class="details">
                {organization.members} {organization.members === 1 ? "member" : "members"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {open?.kind === "user" && (open.user
        ? <EditUser user={open.user} act={act} onClose={close} />
        : <NewUser act={act} onClose={close} />)}
      {open?.kind === "organization" && (
        <OrganizationDialog
          organization={open.organization}
          users={users}
          act={act}
          onClose={close}
        />
      )}
    </Panel>
  );
}
