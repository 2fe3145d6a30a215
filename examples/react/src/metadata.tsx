import type { SupabaseClient } from "@supabase/supabase-js";
import { type FormEvent, useId, useState } from "react";
import type { User } from "./call_function.ts";

interface Props {
  supabase: SupabaseClient;
  user: User;
  onSaved: () => void;
}

/** Edits `metadata`, the one column that Row Level Security lets a user change in their own row. */
export function Metadata({ supabase, user, onSaved }: Props) {
  const stored = JSON.stringify(user.metadata, null, 2);
  const [draft, setDraft] = useState<string>();
  const [outcome, setOutcome] = useState<{ text: string; failed: boolean }>();
  const id = useId();
  const metadata = parseObject(draft ?? stored);

  async function save(event: FormEvent) {
    event.preventDefault();
    if (!metadata) {
      return setOutcome({ text: "This is not a JSON object", failed: true });
    }
    const { error } = await supabase.from("users").update({ metadata }).eq(
      "id",
      user.id,
    )
      .select("id").single();
    if (error) return setOutcome({ text: error.message, failed: true });
    setDraft(undefined);
    setOutcome({ text: "Saved", failed: false });
    onSaved();
  }

  return (
    <section aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>Your metadata</h2>
      <p id={`${id}-help`}>
        Your app’s own JSON. Your browser writes it straight into the row, and Row Level Security
        allows it for this column only.
      </p>
      <form onSubmit={save}>
        <label htmlFor={id}>metadata</label>
        <textarea
          id={id}
          rows={6}
          spellCheck={false}
          value={draft ?? stored}
          aria-describedby={`${id}-help ${id}-outcome`}
          aria-invalid={!metadata}
          onChange={(event) => {
            setDraft(event.target.value);
            setOutcome(undefined);
          }}
        />
        <div className="actions">
          <button type="submit" className="primary">Save</button>
          <span
            id={`${id}-outcome`}
            role={outcome?.failed ? "alert" : "status"}
            className={outcome?.failed ? "error" : ""}
          >
            {outcome?.text}
          </span>
        </div>
      </form>
    </section>
  );
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
