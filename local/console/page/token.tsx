import { useState } from "preact/hooks";
import type { StackView, UserView } from "../snapshot.ts";
import type { Act } from "./act.tsx";
import { emailOf, nameOf } from "./clerk.tsx";
import { Choice } from "./dialog.tsx";
import { Panel } from "./panel.tsx";
import { usePassingText } from "./use_passing_text.tsx";

interface TokenProps {
  readonly stack: StackView;
  readonly users: readonly UserView[];
  readonly act: Act;
}

/** A session token, and the calls that it is for. */
export function Token({ stack, users, act }: TokenProps) {
  const [chosen, setChosen] = useState("");
  const [signed, setSigned] = useState({ userId: "", token: "…" });
  const [copied, setCopied] = usePassingText();
  const { double, apiUrl, clerkUp } = stack;
  const userId = users.some(({ id }) => id === chosen) ? chosen : users[0]?.id;
  // Never another user's than the one whose name is shown.
  const token = signed.userId === userId ? signed.token : "…";
  const functions = `${apiUrl}/functions/v1`;
  const lines = [
    double ? `TOKEN=${token}` : "TOKEN=…  # in your app: await Clerk.session.getToken()",
    `curl -X POST ${functions}/users-sync -H "Authorization: Bearer $TOKEN"`,
    `curl ${functions}/users-me -H "Authorization: Bearer $TOKEN"`,
  ].join("\n");

  async function sign() {
    if (userId === undefined) return;
    const answer = await act({ action: "token", user_id: userId });
    // Whoever signs up next heads the list, and would be chosen in their place.
    setChosen(userId);
    setSigned({ userId, token: answer.token ?? "…" });
    setCopied("");
  }

  async function copy(what: string, text: string) {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(`${what} copied`);
    } catch {
      setCopied("The browser does not allow it. Copy from below");
    }
  }

  return (
    <Panel
      id="token"
      title="Session token"
      note="lives 60 s"
    >
      <div class="bar">
        {double && (
          <>
            <Choice
              label="For"
              value={userId ?? ""}
              options={users.map((user) => ({
                id: user.id,
                text: `${nameOf(user)}, ${emailOf(user)}`,
              }))}
              onChange={setChosen}
            />
            <button
              type="button"
              disabled={!clerkUp || userId === undefined}
              onClick={() => void sign()}
            >
              New token
            </button>
            <button
              type="button"
              disabled={token === "…"}
              onClick={() => void copy("Token", token)}
            >
              Copy token
            </button>
          </>
        )}
        <button type="button" onClick={() => void copy("Lines", lines)}>Copy lines</button>
        <span class="note" role="status">{copied}</span>
      </div>
      <pre class="scroll" role="region" aria-label="Lines for a shell" tabIndex={0}>{lines}</pre>
    </Panel>
  );
}
