import { useEffect, useRef } from "react";
import type { User } from "./call_function.ts";

/** The user's row, as users-me answers with it. `isComing`: it is not there yet. */
export function Profile({ user, isComing }: { user: User | undefined; isComing: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The form that had the focus is gone: whoever listens or types goes on here.
  useEffect(() => heading.current?.focus(), []);
  const name = [user?.first_name, user?.last_name].filter(Boolean).join(" ");
  const columns: [label: string, value: string | null][] = [
    ["Name", name || "–"],
    ["Email address", user?.email ?? "–"],
    ["Clerk’s id", user?.clerk_id ?? null],
    ["Row’s id", user?.id ?? null],
    ["Last synced", user ? new Date(user.synced_at).toLocaleString() : null],
  ];
  return (
    <section aria-labelledby="profile" aria-busy={isComing}>
      <h1 id="profile" ref={heading} tabIndex={-1}>
        {user ? `Hello, ${user.first_name ?? "you"}` : "Hello"}
      </h1>
      <p role="status">
        {user
          ? (
            <>
              This is your row in <code>public.users</code>.
            </>
          )
          : isComing
          ? "Your row is on its way…"
          : "There is no row to show."}
      </p>
      <dl hidden={!user && !isComing}>
        {columns.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{user ? value : "…"}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
