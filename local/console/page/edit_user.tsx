import { useState } from "preact/hooks";
import type { UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { Cancel, Choice, Deed, Dialog, Field } from "./dialog.tsx";
import { Removable, RemovableList } from "./removable.tsx";

interface EditUserProps {
  readonly user: UserView;
  readonly act: Act;
  readonly onClose: () => void;
}

/** In the place of an address' id, for the one that is added. */
const added = "added";

export function EditUser({ user, act, onClose }: EditUserProps) {
  const { id, emails, banned } = user;
  const [firstName, setFirstName] = useState(user.firstName);
  const [lastName, setLastName] = useState(user.lastName);
  const [newEmail, setNewEmail] = useState("");
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState(user.primaryEmailId ?? "");
  const options = [
    ...emails.filter((email) => !removed.has(email.id))
      .map(({ id, address }) => ({ id, text: address })),
    ...(newEmail === "" ? [] : [{ id: added, text: newEmail }]),
  ];
  const primary = options.find((option) => option.id === chosen)?.id ?? options[0]?.id ?? "";

  function remove(emailId: string, isRemoved: boolean) {
    const next = new Set(removed);
    if (isRemoved) next.add(emailId);
    else next.delete(emailId);
    setRemoved(next);
  }

  const submit = () =>
    act({
      action: "change_user",
      id,
      first_name: firstName,
      last_name: lastName,
      primary_email_id: primary === user.primaryEmailId ? null : primary || null,
      added_email: newEmail || null,
      removed_email_ids: [...removed],
    });

  return (
    <Dialog title="Edit user" onClose={onClose} onSubmit={submit}>
      <div class="pair">
        <Field label="First name" value={firstName} onChange={setFirstName} />
        <Field label="Last name" value={lastName} onChange={setLastName} />
      </div>
      {emails.length > 0 && (
        <RemovableList title="Email addresses">
          {emails.map((email) => (
            <Removable
              key={email.id}
              name={email.address}
              removed={removed.has(email.id)}
              onChange={(isRemoved) => remove(email.id, isRemoved)}
            />
          ))}
        </RemovableList>
      )}
      <Field label="Add an email address" type="email" value={newEmail} onChange={setNewEmail} />
      {options.length > 0 && (
        <Choice
          label="Primary email address"
          value={primary}
          options={options}
          onChange={setChosen}
        />
      )}
      <div class="buttons">
        <button type="submit" class="primary">Save</button>
        <Deed
          name={banned ? "Unban" : "Ban"}
          onPress={() => void act({ action: "ban_user", id, banned: !banned })}
        />
        <Deed name="Delete" danger onPress={() => void act({ action: "delete_user", id })} />
        <Cancel />
      </div>
    </Dialog>
  );
}
