import type { ClerkApi } from "../clerk/api.ts";
import type { Result } from "../failure.ts";
import type { Patiently } from "../patience.ts";
import type { Pace } from "./pace.ts";

export interface PacedApiDependencies {
  readonly api: ClerkApi;
  readonly pace: Pace;
  readonly patiently: Patiently;
  readonly signal: AbortSignal;
}

/** Clerk's Backend API within a rate. It waits as Retry-After says, and outages out. */
export function createPacedApi({ api, pace, patiently, signal }: PacedApiDependencies): ClerkApi {
  async function paced<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
    return await patiently(async () => {
      await pace.take(signal);
      const result = await call();
      if (!result.ok && result.failure.code === "clerk_rate_limited") {
        pace.hold(result.failure.retryAfter ?? 1);
      }
      return result;
    });
  }
  return {
    read: (path, query) => paced(() => api.read(path, query)),
    find: (path, query) => paced(() => api.find(path, query)),
    list: (path, query) => paced(() => api.list(path, query)),
  };
}
