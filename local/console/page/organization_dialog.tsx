import { useState } from "preact/hooks";
import type { OrganizationView, UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { nameOf } from "./clerk.tsx";
import { Choice, closeDialogOf, Dialog, Field } from "./dialog.tsx";

interface OrganizationDialogProps {
  /** Undefined: a new one. */
  readonly organization: OrganizationView | undefined;
  readonly users: readonly UserView[];
  readonly act: Act;
  readonly onClose: () => void;
}

export function OrganizationDialog(props: OrganizationDialogProps) {
  const { organization, users, act, onClose } = props;
  const [name, setName] = useState(organization?.name ?? "");
  const [userId, setUserId] = useState("");

  async function submit() {
    if (organization === undefined) {
      return await act({ action: "create_organization", name, created_by: userId || null });
    }
    const { id } = organization;
    if (name !== organization.name) {
      const renamed = await act({ action: "rename_organization", id, name });
      if (!renamed.done) return renamed;
    }
    if (userId === "") return { done: true, message: "" };
    return await act({ action: "add_member", id, user_id: userId });
  }

  return (
    <Dialog
      title={organization ? "Edit organization" : "New organization"}
      onClose={onClose}
      onSubmit={submit}
    >
      <Field label="Name" value={name} required onChange={setName} />
      <Choice
        label={organization ? "Add a member" : "Founder, who becomes its admin"}
        value={userId}
        options={[
          { id: "", text: "Nobody" },
          ...users.map((user) => ({
            id: user.id,
            text: nameOf(user),
          })),
        ]}
        onChange={setUserId}
      />
      <div class="buttons">
        <button type="submit" class="primary">{organization ? "Save" : "Create"}</button>
        {organization !== undefined && (
          <button
            type="button"
            class="danger"
            onClick={(event) => {
              void act({ action: "delete_organization", id: organization.id });
              closeDialogOf(event);
            }}
          >
            Delete
          </button>
        )}
        <button type="button" class="last" onClick={closeDialogOf}>Cancel</button>
      </div>
    </Dialog>
  );
}
