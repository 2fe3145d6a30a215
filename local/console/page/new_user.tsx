import { useState } from "preact/hooks";
import type { Act } from "./act.tsx";
import { Cancel, Dialog, Field } from "./dialog.tsx";

interface NewUserProps {
  readonly act: Act;
  readonly onClose: () => void;
}

export function NewUser({ act, onClose }: NewUserProps) {
  const [firstName, setFirstName] = useState("");
  const [lastName, setLastName] = useState("");
  const [email, setEmail] = useState("");
  const [secondEmail, setSecondEmail] = useState("");
  const submit = () =>
    act({
      action: "create_user",
      first_name: firstName,
      last_name: lastName,
      emails: [email, secondEmail].filter((address) => address !== ""),
    });
  return (
    <Dialog title="New user" onClose={onClose} onSubmit={submit}>
      <div class="pair">
        <Field label="First name" value={firstName} onChange={setFirstName} />
        <Field label="Last name" value={lastName} onChange={setLastName} />
      </div>
      <Field label="Email address" type="email" value={email} onChange={setEmail} />
      <Field
        label="Second email address, to change to later"
        type="email"
        value={secondEmail}
        onChange={setSecondEmail}
      />
      <div class="buttons">
        <button type="submit" class="primary">Create</button>
        <Cancel />
      </div>
    </Dialog>
  );
}
