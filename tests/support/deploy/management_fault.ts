/** What goes wrong in one request of the Management API, or in several. */
export interface ManagementFault {
  /** A method, and how the path ends: `POST /secrets`. */
  readonly route: string;
  /** How many requests meet it. Default: all. */
  readonly times?: number;
  readonly delayMs?: number;
  readonly status?: number;
  /** Seconds, for the header `Retry-After`. */
  readonly retryAfter?: number;
  /** Whether a proxy's page is in the place of an error of Supabase's. */
  readonly page?: true;
  /** JSON that stops in the middle, with status 200. */
  readonly truncated?: true;
}

export interface ManagementFaults {
  /** Replaces the faults. */
  set(faults: readonly ManagementFault[]): void;
  /** The answer of the first fault that fits; undefined if the real one is to be given. */
  meet(request: Request): Promise<Response | undefined>;
}

export function createManagementFaults(): ManagementFaults {
  let inForce: { fault: ManagementFault; met: number }[] = [];
  return {
    set(faults) {
      inForce = faults.map((fault) => ({ fault, met: 0 }));
    },
    async meet({ method, url }) {
      const { pathname } = new URL(url);
      const found = inForce.find(({ fault: { route, times }, met }) => {
        const [wanted, end = ""] = route.split(" ");
        return method === wanted && pathname.endsWith(end) && met < (times ?? Infinity);
      });
      if (!found) return undefined;
      found.met++;
      const { delayMs, status, retryAfter, truncated, page } = found.fault;
      if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (truncated) return new Response('{"message": "trun');
      if (status === undefined) return undefined;
      if (page) return new Response("<!doctype html><title>Blocked</title>", { status });
      return Response.json({ message: "As the fault says" }, {
        status,
        headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
      });
    },
  };
}
