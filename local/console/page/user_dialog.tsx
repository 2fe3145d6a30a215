import { useState } from "preact/hooks";
import type { UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { Choice, closeDialogOf, Dialog, Field } from "./dialog.tsx";

interface UserDialogProps {
  /** Undefined: a new one. */
  readonly user: UserView | undefined;
  readonly act: Act;
  readonly onClose: () => void;
}

export function UserDialog({ user, act, onClose }: UserDialogProps) {
  const [firstName, setFirstName] = useState(user?.firstName ?? "");
  const [lastName, setLastName] = useState(user?.lastName ?? "");
  const [email, setEmail] = useState("");
  const [secondEmail, setSecondEmail] = useState("");
  const [primary, setPrimary] = useState(user?.primaryEmailId ?? "");
  const names = { first_name: firstName, last_name: lastName };

  function submit() {
    if (user !== undefined) {
      const changed = primary === (user.primaryEmailId ?? "") ? null : primary;
      return act({ action: "change_user", id: user.id, ...names, primary_email_id: changed });
    }
    const emails = [email, secondEmail].filter((address) => address !== "");
    return act({ action: "create_user", ...names, emails });
  }

  return (
    <Dialog title={user ? "Edit user" : "New user"} onClose={onClose} onSubmit={submit}>
      <Field label="First name" value={firstName} onChange={setFirstName} />
      <Field label="Last name" value={lastName} onChange={setLastName} />
      {user === undefined && (
        <>
          <Field label="Email address" type="email" value={email} onChange={setEmail} />
          <Field
            label="Second email address, to change to later"
            type="email"
            value={secondEmail}
            onChange={setSecondEmail}
          />
        </>
      )}
      {user !== undefined && user.emails.length > 0 && (
        <Choice
          label="Primary email address"
          value={primary}
          options={user.emails.map(({ id, address }) => ({ id, text: address }))}
          onChange={setPrimary}
        />
      )}
      <div class="buttons">
        <button type="submit" class="primary">{user ? "Save" : "Create"}</button>
        {user !== undefined && (
          <>
            <button
              type="button"
              onClick={(event) => {
                void act({ action: "ban_user", id: user.id, banned: !user.banned });
                closeDialogOf(event);
              }}
            >
              {user.banned ? "Unban" : "Ban"}
            </button>
            <button
              type="button"
              class="danger"
              onClick={(event) => {
                void act({ action: "delete_user", id: user.id });
                closeDialogOf(event);
              }}
            >
              Delete
            </button>
          </>
        )}
        <button type="button" class="last" onClick={closeDialogOf}>Cancel</button>
      </div>
    </Dialog>
  );
}
