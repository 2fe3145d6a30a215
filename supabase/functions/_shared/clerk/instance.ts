import * as z from "zod/mini";
import { fail, type Result, succeed } from "../failure.ts";
import type { ClerkApi } from "./api.ts";
import { unusableAnswer } from "./failed_answer.ts";

const instance = z.object({ id: z.string().check(z.regex(/^ins_\w+$/)) });

/**
 * The Backend API of one instance. Before anything else is read, Clerk must say that the secret key is
 * of this instance: another one's lists would look as if all users were gone.
 *
 * @returns `server_misconfigured` to every call if it is of another one
 */
export function createInstanceApi(api: ClerkApi, instanceId: string): ClerkApi {
  let confirmed = false;

  async function confirm(): Promise<Result<void>> {
    if (confirmed) return succeed(undefined);
    const answer = await api.read("instance");
    if (!answer.ok) return answer;
    const { data } = instance.safeParse(answer.value);
    if (data === undefined) return unusableAnswer("instance", "not an instance");
    confirmed = data.id === instanceId;
    if (confirmed) return succeed(undefined);
    return fail("server_misconfigured", {
      message: `CLERK_SECRET_KEY is of instance ${data.id}, but CLERK_INSTANCE_ID names another`,
    });
  }

  async function onceConfirmed<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
    const result = await confirm();
    return result.ok ? await call() : result;
  }

  return {
    read: (path, query) => onceConfirmed(() => api.read(path, query)),
    find: (path, query) => onceConfirmed(() => api.find(path, query)),
    list: (path, query) => onceConfirmed(() => api.list(path, query)),
  };
}
