import { useEffect, useState } from "react";

/** Milliseconds after which somebody who waits should know for what. */
const patience = 3000;

/** What is shown until Clerk has answered, which may last long while it is down. */
export function Loading() {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="narrow">
      <p role="status">
        {isSlow ? "Clerk isn’t answering. Still trying…" : "Loading…"}
      </p>
      {isSlow && <button type="button" onClick={() => location.reload()}>Reload</button>}
    </main>
  );
}
