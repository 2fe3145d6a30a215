import { useState } from "preact/hooks";
import type { Role } from "../action.ts";
import type { OrganizationView, UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { nameOf } from "./clerk.tsx";
import { Cancel, Choice, Deed, Dialog, Field } from "./dialog.tsx";
import { type MemberChanges, Members, roles } from "./members.tsx";
import { useMembers } from "./use_members.tsx";

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
  const [role, setRole] = useState<Role>("org:member");
  const [changes, setChanges] = useState<MemberChanges>(new Map());
  const members = useMembers(organization?.id);
  const others = users.filter(({ id }) => !members?.some((member) => member.userId === id));

  function submit() {
    if (organization === undefined) {
      return act({ action: "create_organization", name, created_by: userId || null });
    }
    const changed = userId === "" ? changes : new Map([...changes, [userId, role]]);
    return act({
      action: "change_organization",
      id: organization.id,
      name,
      members: [...changed].map(([user_id, role]) => ({ user_id, role })),
    });
  }

  return (
    <Dialog
      title={organization ? "Edit organization" : "New organization"}
      onClose={onClose}
      onSubmit={submit}
    >
      <Field label="Name" value={name} required onChange={setName} />
      {organization !== undefined && organization.members > 0 && (
        <Members
          members={members}
          count={organization.members}
          changes={changes}
          onChange={setChanges}
        />
      )}
      <div class="pair">
        <Choice
          label={organization ? "Add a member" : "Founder, who becomes its admin"}
          value={userId}
          options={[
            { id: "", text: "Nobody" },
            ...others.map((user) => ({ id: user.id, text: nameOf(user) })),
          ]}
          onChange={setUserId}
        />
        {organization !== undefined && (
          <Choice
            label="As"
            value={role}
            options={roles}
            onChange={(id) => setRole(roles.find((one) => one.id === id)?.id ?? role)}
          />
        )}
      </div>
      <div class="buttons">
        <button type="submit" class="primary">{organization ? "Save" : "Create"}</button>
        {organization !== undefined && (
          <Deed
            name="Delete"
            danger
            onPress={() => void act({ action: "delete_organization", id: organization.id })}
          />
        )}
        <Cancel />
      </div>
    </Dialog>
  );
}
