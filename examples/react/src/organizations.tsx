import { useAuth, useClerk } from "@clerk/react";
import type { SupabaseClient } from "@supabase/supabase-js";
import { type FormEvent, useEffect, useId, useState } from "react";
import type { Organization, User } from "./call_function.ts";
import { messageOf } from "./message_of.ts";

interface Membership {
  clerk_id: string;
  organization_clerk_id: string;
  user_clerk_id: string;
  role: string;
}

interface Props {
  supabase: SupabaseClient;
  user: User;
  organizations: Organization[];
}

/** Switches organizations, and shows whose memberships Row Level Security lets the user see. */
export function Organizations({ supabase, user, organizations }: Props) {
  const clerk = useClerk();
  const { orgId: active } = useAuth();
  const [memberships, setMemberships] = useState<Membership[]>([]);
  const [problem, setProblem] = useState<string>();
  const id = useId();
  // The rows follow by webhook: read them again when users-me knows another organization.
  const known = organizations.map(({ clerk_id, role }) => `${clerk_id} ${role}`)
    .join();

  useEffect(() => {
    const stop = new AbortController();
    async function read() {
      const query = supabase.from("organization_memberships")
        .select("clerk_id, organization_clerk_id, user_clerk_id, role").order(
          "created_at",
        );
      const { data, error } = await (active ? query.eq("organization_clerk_id", active) : query)
        .abortSignal(stop.signal).overrideTypes<
        Membership[],
        { merge: false }
      >();
      if (stop.signal.aborted) return;
      setMemberships(data ?? []);
      setProblem(error?.message);
    }
    void read();
    return () => stop.abort();
  }, [supabase, active, known]);

  async function found(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("name"));
    try {
      const organization = await clerk.createOrganization({ name });
      await clerk.setActive({ organization });
      form.reset();
    } catch (error) {
      setProblem(messageOf(error));
      const field = form.elements.namedItem("name");
      if (field instanceof HTMLInputElement) field.select();
    }
  }

  const nameOf = (clerkId: string) =>
    organizations.find(({ clerk_id }) => clerk_id === clerkId)?.name ?? clerkId;
  return (
    <section aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>Your organizations</h2>
      <label htmlFor={id}>Active organization</label>
      <select
        id={id}
        value={active ?? ""}
        onChange={(event) => clerk.setActive({ organization: event.target.value || null })}
      >
        <option value="">None, only you</option>
        {active && !organizations.some(({ clerk_id }) => clerk_id === active) &&
          (
            <option value={active}>
              {clerk.organization?.name} (on its way…)
            </option>
          )}
        {organizations.map(({ clerk_id, name }) => (
          <option key={clerk_id} value={clerk_id}>{name}</option>
        ))}
      </select>
      {memberships.length === 0
        ? (
          <p>
            {active ? "The rows are on their way…" : "You belong to no organization yet."}
          </p>
        )
        : (
          <table>
            <caption>
              {active ? "Its members" : "The members of all your organizations"}, as Row Level
              Security shows them to you
            </caption>
            <thead>
              <tr>
                {!active && <th scope="col">Organization</th>}
                <th scope="col">Member</th>
                <th scope="col">Role</th>
              </tr>
            </thead>
            <tbody>
              {memberships.map(({ clerk_id, organization_clerk_id, user_clerk_id, role }) => (
                <tr key={clerk_id}>
                  {!active && <td>{nameOf(organization_clerk_id)}</td>}
                  <td className="member" title={user_clerk_id}>
                    {user_clerk_id === user.clerk_id ? "You" : <code>{user_clerk_id}</code>}
                  </td>
                  <td>{role.replace(/^org:/, "")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      <form onSubmit={found}>
        <label htmlFor={`${id}-name`}>New organization</label>
        <div className="actions">
          <input
            id={`${id}-name`}
            name="name"
            required
            maxLength={256}
            autoComplete="organization"
          />
          <button type="submit">Create</button>
        </div>
      </form>
      {problem && <p role="alert" className="error">{problem}</p>}
    </section>
  );
}
