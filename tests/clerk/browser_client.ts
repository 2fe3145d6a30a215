import { z } from "zod";

const json = z.record(z.string(), z.unknown());

/** An answer of the Frontend API. */
export interface FrontendAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends what Clerk's packages send from a page: forms, and the cookie of the browser. */
export interface BrowserClient {
  get(path: string): Promise<FrontendAnswer>;
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<FrontendAnswer>;
}

/** A browser of its own, on a page of this origin. */
export function openBrowser(url: string, origin = "http://127.0.0.1:5173"): BrowserClient {
  let cookie: string | undefined;

  async function send(path: string, init: RequestInit): Promise<FrontendAnswer> {
    const headers = new Headers(init.headers);
    if (cookie !== undefined) headers.set("cookie", cookie);
    const response = await fetch(`${url}/__clerk/v1${path}`, { ...init, headers });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return {
      status: response.status,
      headers: response.headers,
      body: json.parse(await response.json()),
    };
  }

  return {
    get: (path) => send(path, {}),
    post: (path, fields = {}) =>
      send(path, { method: "POST", body: new URLSearchParams(fields), headers: { origin } }),
  };
}

const attempt = z.object({
  id: z.string(),
  status: z.string(),
  created_session_id: z.string().nullable(),
});

/** What an answer says of a sign-in or a sign-up. */
export function attemptIn({ body }: FrontendAnswer): z.infer<typeof attempt> {
  return attempt.parse(body.response);
}

/** Signs a user of the double in by their email address. Returns the session's id. */
export async function signInWith(browser: BrowserClient, identifier: string): Promise<string> {
  const strategy = "email_code";
  const { id } = attemptIn(await browser.post("/client/sign_ins", { identifier }));
  await browser.post(`/client/sign_ins/${id}/prepare_first_factor`, { strategy });
  const done = await browser.post(`/client/sign_ins/${id}/attempt_first_factor`, {
    strategy,
    code: "424242",
  });
  return z.string().parse(attemptIn(done).created_session_id);
}
