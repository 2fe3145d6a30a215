import { useEffect, useState } from "preact/hooks";
import type { MemberView } from "../snapshot.ts";

/**
 * An organization's members; undefined until they are read.
 *
 * @param id undefined: of none
 */
export function useMembers(id: string | undefined): readonly MemberView[] | undefined {
  const [members, setMembers] = useState<readonly MemberView[]>();
  useEffect(() => {
    if (id === undefined) return;
    const stop = new AbortController();
    async function read() {
      const response = await fetch(`/organizations/${id}/members`, { signal: stop.signal });
      if (response.ok) setMembers(await response.json());
    }
    // What cannot be read is not shown. Saving says why.
    read().catch(() => {});
    return () => stop.abort();
  }, [id]);
  return members;
}
