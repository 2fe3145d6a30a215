import { ClerkFailed, ClerkLoading, useClerk, useSession } from "@clerk/react";
import { Metadata } from "./metadata.tsx";
import { Organizations } from "./organizations.tsx";
import { Profile } from "./profile.tsx";
import { SignIn } from "./sign_in.tsx";
import { useSupabase } from "./use_supabase.ts";
import { useSyncedUser } from "./use_synced_user.ts";

export function App() {
  const { isLoaded, session } = useSession();
  return (
    <>
      <ClerkLoading>
        <main className="narrow">
          <p role="status">Loading…</p>
        </main>
      </ClerkLoading>
      <ClerkFailed>
        <main className="narrow">
          <p role="alert">
            Clerk cannot be reached. Is the local stack running?
          </p>
        </main>
      </ClerkFailed>
      {isLoaded && (session ? <Account /> : <SignIn />)}
    </>
  );
}

function Account() {
  const clerk = useClerk();
  const { user: signedIn } = useSession().session ?? {};
  const supabase = useSupabase();
  const { user, organizations, problem, refresh } = useSyncedUser(supabase);
  return (
    <>
      <header>
        <strong>Clerk in step with Supabase</strong>
        <span className="address">
          {signedIn?.primaryEmailAddress?.emailAddress}
        </span>
        <button type="button" onClick={() => clerk.signOut()}>Sign out</button>
      </header>
      <main>
        {problem && (
          <div role="alert" className="problem">
            <p>
              {problem.message}. {problem.passing && "Trying again…"}
            </p>
            {!problem.passing && <button type="button" onClick={refresh}>Try again</button>}
          </div>
        )}
        <Profile user={user} isComing={!user && problem?.passing !== false} />
        {user && <Metadata supabase={supabase} user={user} onSaved={refresh} />}
        {user && (
          <Organizations
            supabase={supabase}
            user={user}
            organizations={organizations}
          />
        )}
      </main>
    </>
  );
}
