import { ClerkFailed, ClerkLoading, useClerk, useSession } from "@clerk/react";
import { Loading } from "./loading.tsx";
import { Metadata } from "./metadata.tsx";
import { Organizations } from "./organizations.tsx";
import { Profile } from "./profile.tsx";
import { SignIn } from "./sign_in.tsx";
import { useClerkOutage } from "./use_clerk_outage.ts";
import { useSupabase } from "./use_supabase.ts";
import { useSyncedUser } from "./use_synced_user.ts";

export function App() {
  const { isLoaded, session } = useSession();
  return (
    <>
      <ClerkLoading>
        <Loading />
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
  const isClerkOut = useClerkOutage();
  return (
    <>
      <header>
        <strong>Clerk in step with Supabase</strong>
        <span className="address">
          {isClerkOut ? user?.email : signedIn?.primaryEmailAddress?.emailAddress}
        </span>
        <button type="button" onClick={() => clerk.signOut()}>Sign out</button>
      </header>
      <main>
        {isClerkOut && !problem && (
          <div role="alert" className="problem">
            <p>Clerk isn’t answering. You see the row as it was last synced. Trying again…</p>
          </div>
        )}
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
