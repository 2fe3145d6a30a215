import { useSignIn, useSignUp } from "@clerk/react";
import { type FormEvent, useId, useRef, useState } from "react";
import { isLocal } from "./clerk_options.ts";
import { messageOf } from "./message_of.ts";

type Outcome = { error: Error | null };

/** Signs in or up with a code that Clerk sends by email. */
export function SignIn() {
  const { signIn } = useSignIn();
  const { signUp } = useSignUp();
  const [isNew, setIsNew] = useState(false);
  const [address, setAddress] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const id = useId();
  /** What Clerk checks: the address, then the code. */
  const checked = useRef<HTMLInputElement>(null);

  /** Shows what failed. What is typed next replaces what was refused. */
  function refuse(message: string) {
    setProblem(message);
    checked.current?.focus();
    checked.current?.select();
  }

  /** Does the steps until one fails. */
  async function run(...steps: (() => Promise<Outcome>)[]): Promise<boolean> {
    setBusy(true);
    setProblem(undefined);
    try {
      for (const step of steps) {
        const { error } = await step();
        if (error) {
          refuse(messageOf(error));
          return false;
        }
      }
      return true;
    } finally {
      setBusy(false);
    }
  }

  async function sendCode(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? "");
    const emailAddress = field("email");
    const sent = isNew
      ? await run(
        () =>
          signUp.create({
            emailAddress,
            firstName: field("first"),
            lastName: field("last"),
          }),
        () => signUp.verifications.sendEmailCode(),
      )
      : await run(() => signIn.emailCode.sendCode({ emailAddress }));
    if (sent) setAddress(emailAddress);
  }

  async function verify(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    const verified = isNew
      ? await run(() => signUp.verifications.verifyEmailCode({ code }))
      : await run(() => signIn.emailCode.verifyCode({ code }));
    if (!verified) return;
    if (isNew && signUp.status !== "complete") {
      // The instance's settings decide. Ask for it in this form, or make it optional there.
      return setProblem(
        `Your Clerk instance also asks for: ${signUp.missingFields.join(", ")}`,
      );
    }
    await run(() => isNew ? signUp.finalize() : signIn.finalize());
  }

  function startOver(nextIsNew: boolean) {
    setIsNew(nextIsNew);
    setAddress(undefined);
    setProblem(undefined);
  }

  const alert = <p id={`${id}-problem`} role="alert" className="error">{problem}</p>;
  return (
    <main className="narrow">
      <h1>{isNew ? "Sign up" : "Sign in"}</h1>
      {address === undefined
        ? (
          <form key="address" onSubmit={sendCode}>
            {isNew && (
              <div className="pair">
                <div>
                  <label htmlFor={`${id}-first`}>First name</label>
                  <input
                    id={`${id}-first`}
                    name="first"
                    autoComplete="given-name"
                    autoFocus
                  />
                </div>
                <div>
                  <label htmlFor={`${id}-last`}>Last name</label>
                  <input
                    id={`${id}-last`}
                    name="last"
                    autoComplete="family-name"
                  />
                </div>
              </div>
            )}
            <label htmlFor={`${id}-email`}>Email address</label>
            <input
              id={`${id}-email`}
              name="email"
              type="email"
              autoComplete="email"
              required
              autoFocus={!isNew}
              ref={checked}
              aria-invalid={Boolean(problem)}
              aria-describedby={problem && `${id}-problem`}
            />
            {alert}
            {/* Where Clerk asks whether you are a robot, if your instance does. */}
            <div id="clerk-captcha" />
            <button type="submit" className="primary" disabled={busy}>
              Send me a code
            </button>
          </form>
        )
        : (
          <form key="code" onSubmit={verify}>
            <label htmlFor={`${id}-code`}>Code sent to {address}</label>
            <input
              id={`${id}-code`}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              autoFocus
              ref={checked}
              aria-invalid={Boolean(problem)}
              aria-describedby={problem && `${id}-problem`}
            />
            {alert}
            <button type="submit" className="primary" disabled={busy}>
              {isNew ? "Sign up" : "Sign in"}
            </button>
            <button type="button" onClick={() => startOver(isNew)}>
              Use another address
            </button>
          </form>
        )}
      <p>
        {isNew ? "Already have an account? " : "New here? "}
        <button
          type="button"
          className="link"
          onClick={() => startOver(!isNew)}
        >
          {isNew ? "Sign in" : "Sign up"}
        </button>
      </p>
      {isLocal && (
        <aside>
          This page talks to your local stack. No email is sent: every code is{" "}
          <code>424242</code>. Sign up with any address, or sign in as <code>ada@example.com</code>.
        </aside>
      )}
    </main>
  );
}
